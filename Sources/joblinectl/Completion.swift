internal import Jobline

/// What a shell offers for the word at the cursor.
enum Completion {
    /// Every method, for `call`.
    static let methods = Method.allCases.map(\.rawValue)

    /// Jobs that are offered at most, of each family.
    private static let maximumJobs = 50
    /// How long a shell may be kept waiting.
    private static let patience = Duration.milliseconds(800)

    /// Families, then jobs of the one that was named; and jobs behind `FAMILY/`.
    ///
    /// - Parameters:
    ///   - words: The command line.
    ///   - index: The word with the cursor.
    ///   - prefix: What stands before the cursor in it.
    @Sendable static func jobs(_ words: [String], _ index: Int, _ prefix: String) async -> [String] {
        if let family = family(in: words, before: index) {
            return await references(family, words).map(\.argument)
        }
        if let slash = prefix.firstIndex(of: "/"), let family = Family.named(prefix[..<slash]) {
            return await references(family, words).map { "\(family.name)/\($0.argument)" }
        }
        return Family.all.map(\.name)
    }

    /// The states for all services, then the own ones of the family that was named, or of all.
    @Sendable static func states(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
        let families = family(in: words, before: index).map { [$0] } ?? Family.all
        return Family.states.map(\.rawValue) + Family.words(of: families).sorted()
    }

    /// The family that stands alone on the command line.
    private static func family(in words: [String], before index: Int) -> Family? {
        words.enumerated().lazy.compactMap { $0.offset == index ? nil : Family.named($0.element) }.first
    }

    /// The newest jobs; none where the daemon does not answer at once.
    private static func references(_ family: Family, _ words: [String]) async -> [JobReference] {
        let configuration = JoblineClient.Configuration(
            socketPath: value(of: "--socket", in: words), timeout: patience, retry: .disabled, waitsForDaemon: false)
        let found = try? await JoblineClient.withClient(configuration: configuration) { client in
            try await client.newestJobs(of: family, atMost: maximumJobs, workflows: 5).map { job in
                // An ARN has colons, where bash breaks words.
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
