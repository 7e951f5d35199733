/// Finds the known word that a misspelt one was meant to be.
enum Spelling {
    /// Words longer than this are no slips of the keyboard; bounds the work, which grows with the square of the length.
    private static let maximumLength = 128

    /// A question to append to a message, such as `; did you mean list?`; empty where no known word is near.
    static func advice(_ word: String, _ known: some Sequence<String>) -> String {
        nearest(to: word, in: known).map { "; did you mean \($0)?" } ?? ""
    }

    /// The known word nearest to another one, whatever the case; nil if none is near, or several are equally near.
    ///
    /// - Parameters:
    ///   - word: The word that somebody typed.
    ///   - known: The words that it may have been meant to be. Of `Service.Operation` the operation alone is enough, and of any
    ///     word a beginning that no other one has: three characters, or five with one slip.
    static func nearest(to word: String, in known: some Sequence<String>) -> String? {
        let typed = Array(word.lowercased())
        guard (1...maximumLength).contains(typed.count) else { return nil }
        // One slip in three characters, as the usual tools have it.
        let maximum = min(3, max(1, typed.count / 3))
        var near: (distance: Int, words: [String]) = (maximum, [])
        var completed: [String] = []
        for candidate in known {
            let whole = Array(candidate.lowercased())
            guard whole.count <= maximumLength else { continue }
            if typed.count >= 3, distances(typed, whole).toBeginning <= (typed.count < 5 ? 0 : 1) {
                completed.append(candidate)
            }
            let operation = whole.lastIndex(of: ".").map { Array(whole[($0 + 1)...]) }
            for text in [whole, operation].compactMap(\.self) where abs(text.count - typed.count) <= near.distance {
                let distance = distances(typed, text).toWhole
                if distance < near.distance { near = (distance, []) }
                if distance == near.distance, near.words.last != candidate { near.words.append(candidate) }
            }
        }
        if near.words.count == 1 { return near.words[0] }
        return near.words.isEmpty && completed.count == 1 ? completed[0] : nil
    }

    /// The insertions, deletions, replacements and swaps of neighbours that make one word of another, and the fewest that make the
    /// beginning of another.
    static func distances(_ first: [Character], _ second: [Character]) -> (toWhole: Int, toBeginning: Int) {
        if first.isEmpty || second.isEmpty { return (max(first.count, second.count), first.count) }
        var former: [Int] = []
        var above = Array(0...second.count)
        for row in 1...first.count {
            var line = [row]
            for column in 1...second.count {
                let isSame = first[row - 1] == second[column - 1]
                var best = min(above[column] + 1, line[column - 1] + 1, above[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
                    best = min(best, former[column - 2] + 1)
                }
                line.append(best)
            }
            (former, above) = (above, line)
        }
        return (above[second.count], above.min() ?? first.count)
    }
}
