/// Suggestions for misspelt words.
enum Spelling {
    /// Maximum characters of a word to check; longer words are not typing errors. Bounds the work, which is quadratic
    /// in the length.
    private static let maximumLength = 128

    /// Returns a question to append to a message, such as `; did you mean list?`; empty if no known word is similar.
    static func suggestion(_ word: String, _ known: some Sequence<String>) -> String {
        nearest(to: word, in: known).map { "; did you mean \($0)?" } ?? ""
    }

    /// Returns the most similar known word, ignoring case; nil if none is similar, or several are equally similar.
    ///
    /// - Parameters:
    ///   - word: Word that was typed.
    ///   - known: Known words. Of `Service.Operation` the operation is sufficient, and of any word a unique prefix:
    ///     three characters, or five with one error.
    static func nearest(to word: String, in known: some Sequence<String>) -> String? {
        let typed = Array(word.lowercased())
        guard (1...maximumLength).contains(typed.count) else { return nil }
        // One error in three characters, at most three, like other tools.
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

    /// Returns the edit distances (insertions, deletions, replacements and swaps of neighbours) from one word to
    /// another, and to the most similar prefix of the other.
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
