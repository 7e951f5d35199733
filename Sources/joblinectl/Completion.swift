internal import Jobline

/// Completions of the word at the cursor.
enum Completion {
    /// Methods for `call`.
    static let methods = Method.allCases.map(\.rawValue)

    /// Maximum number of jobs offered for each family.
    private static let maximumJobs = 50
    /// Maximum time that a shell waits.
    private static let timeout = Duration.milliseconds(800)

    /// Returns families, or the jobs of the named family; jobs after `FAMILY/`.
    ///
    /// - Parameters:
    ///   - words: Command line.
    ///   - index: Index of the word with the cursor.
    ///   - prefix: Part of the word before the cursor.
    @Sendable static func jobs(_ words: [String], _ index: Int, _ prefix: String) async -> [String] {
        if let family = family(in: words, before: index) {
            return await references(family, words).map(\.argument)
        }
        if let slash = prefix.firstIndex(of: "/"), let family = Family.named(prefix[..<slash]) {
            return await references(family, words).map { "\(family.name)/\($0.argument)" }
        }
        return Family.all.map(\.name)
    }

    /// Returns the common states, then the states of the named family, or of all families.
    @Sendable static func states(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
        let families = family(in: words, before: index).map { [$0] } ?? Family.all
        return Family.states.map(\.rawValue) + Family.words(of: families).sorted()
    }

    /// Returns the family named by a word before `index`.
    private static func family(in words: [String], before index: Int) -> Family? {
        words.enumerated().lazy.compactMap { $0.offset == index ? nil : Family.named($0.element) }.first
    }

    /// Returns the newest jobs; none if the daemon does not reply in time.
    private static func references(_ family: Family, _ words: [String]) async -> [JobReference] {
        let configuration = JoblineClient.Configuration(
            socketPath: value(of: "--socket", in: words), timeout: Self.timeout, retry: .disabled, waitsForDaemon: false
        )
        let found = try? await JoblineClient.withClient(configuration: configuration) { client in
            try await client.newestJobs(of: family, atMost: maximumJobs, workflows: 5).map { job in
                // The name instead of the ARN, because bash splits words at colons.
                guard let name = job.name, family.kind.service == "Personalize" else { return job.reference }
                return JobReference(family: family.kind, id: name)
            }
        }
        return found ?? []
    }

    private static func value(of option: String, in words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if word == option, index + 1 < words.count { return words[index + 1] }
            if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
        }
        return nil
    }
}
