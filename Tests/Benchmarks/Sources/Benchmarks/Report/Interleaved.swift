/// Measures several things in turns, so that whatever else the machine does meets all of them alike.
struct Interleaved {
    /// Number of turns of each.
    var rounds: Int

    /// - Parameter things: What to measure; each is done once before anything counts.
    /// - Returns: The median time of each, in nanoseconds.
    func medians(_ things: [() throws -> Void]) throws -> [UInt64] {
        for thing in things { try thing() }
        var samples = [Samples](repeating: Samples(), count: things.count)
        for _ in 0..<rounds {
            // Shuffled: a repeated measurement would find warm caches.
            for index in things.indices.shuffled() {
                samples[index].add(try Stopwatch.time(things[index]))
            }
        }
        return samples.map(\.median)
    }
}
