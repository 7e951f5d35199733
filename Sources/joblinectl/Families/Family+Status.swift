internal import ArgumentParser
internal import Jobline

extension Family {
    /// Status of a job and the state that it means.
    struct Status: Sendable {
        let word: String
        let state: JobState
    }

    /// Common states, except gone, because lists never contain such jobs.
    static let states = JobState.known.filter { $0 != .gone }

    /// Returns the state for a common state or a status of the family. Ignores case; spaces and underscores are
    /// equivalent.
    ///
    /// - Returns: nil if the family has no such state.
    func state(_ word: String) -> JobState? {
        let word = Self.normalized(word)
        return Self.states.first { Self.normalized($0.rawValue) == word }
            ?? statuses.first { Self.normalized($0.word) == word }?.state
    }

    /// Returns the error for an unknown state.
    ///
    /// - Parameters:
    ///   - word: State on the command line.
    ///   - families: Families that do not have it.
    static func unknownState(_ word: String, of families: [Family]) -> ValidationError {
        let all = states.map(\.rawValue)
        let own = words(of: families).filter { word in !all.contains { normalized($0) == word } }
        let whose = families.count == 1 ? families[0].name : "any of these families"
        let advice = Spelling.suggestion(normalized(word), all + own)
        return ValidationError(
            "'\(word)' is not a state of \(whose)\(advice.isEmpty ? ";" : advice) known states are "
                + all.joined(separator: ", ")
                + (own.isEmpty ? "" : ", and the statuses \(own.joined(separator: ", "))"))
    }

    /// Returns the distinct statuses of families, with underscores instead of spaces, so that a shell needs no quotes.
    static func words(of families: [Family]) -> [String] {
        var seen: Set<String> = []
        let words = families.flatMap(\.statuses).map { $0.word.replacing(" ", with: "_") }
        return words.filter { seen.insert($0).inserted }
    }

    private static func normalized(_ state: String) -> String { state.uppercased().replacing(" ", with: "_") }
}
