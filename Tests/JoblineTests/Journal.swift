/// Events of a scripted peer, which a test can await.
final class Journal<Entry: Sendable>: Sendable {
    private let stream: AsyncStream<Entry>
    private let continuation: AsyncStream<Entry>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func note(_ entry: Entry) { continuation.yield(entry) }

    /// The next entries, once there are as many; fewer only if the test was cancelled.
    func entries(_ count: Int) async -> [Entry] {
        var entries: [Entry] = []
        for await entry in stream {
            entries.append(entry)
            if entries.count == count { break }
        }
        return entries
    }
}
