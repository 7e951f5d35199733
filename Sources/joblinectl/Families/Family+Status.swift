internal import ArgumentParser
internal import Jobline

extension Family {
    /// State of a job, in the word of its service and in the common one.
    struct Status: Sendable {
        let word: String
        let state: JobState
    }

    /// States in the words for all services; a job that is gone is on no list.
    static let states = JobState.known.filter { $0 != .gone }

    /// The state that a word stands for: one for all services, or the family's own. Case does not matter, nor whether a space is
    /// written as one or as an underscore.
    ///
    /// - Returns: nil if the family's jobs have no such state.
    func state(_ word: String) -> JobState? {
        let word = Self.comparable(word)
        return Self.states.first { Self.comparable($0.rawValue) == word }
            ?? statuses.first { Self.comparable($0.word) == word }?.state
    }

    /// The reason to refuse a word for a state.
    ///
    /// - Parameters:
    ///   - word: The word.
    ///   - families: The families none of which has it.
    static func unknownState(_ word: String, of families: [Family]) -> ValidationError {
        let all = states.map(\.rawValue)
        let own = words(of: families).filter { word in !all.contains { comparable($0) == word } }
        let whose = families.count == 1 ? families[0].name : "any of these families"
        let advice = Spelling.advice(comparable(word), all + own)
        return ValidationError(
            "'\(word)' is no state of \(whose)\(advice.isEmpty ? ";" : advice) there are "
                + all.joined(separator: ", ")
                + (own.isEmpty ? "" : ", and the services' own \(own.joined(separator: ", "))"))
    }

    /// The services' own words of some families, each once, with underscores for spaces so that no shell needs quotes.
    static func words(of families: [Family]) -> [String] {
        var seen: Set<String> = []
        let words = families.flatMap(\.statuses).map { $0.word.replacing(" ", with: "_") }
        return words.filter { seen.insert($0).inserted }
    }

    private static func comparable(_ state: String) -> String { state.uppercased().replacing(" ", with: "_") }
}
