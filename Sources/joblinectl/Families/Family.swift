internal import ArgumentParser
internal import Jobline

/// Properties of a kind of job on the command line, in addition to those in the SDK.
struct Family: Sendable {
    let kind: JobFamily
    /// Short description of the jobs.
    let summary: String
    /// Example of the arguments of `joblinectl start`.
    let example: String
    /// Required arguments of a start.
    let required: [StartArgument]
    /// Optional arguments of a start.
    let optional: [StartArgument]
    /// Statuses of the service for its jobs.
    let statuses: [Status]
    /// Maximum number of jobs on a page.
    let maximumPage: Int
    let start: @Sendable (StartArguments, JoblineClient) async throws -> JobReference

    /// Name on the command line.
    var name: String { kind.rawValue }

    static let all = comprehendMedical + personalize + entityResolution

    /// Returns the family with this name, ignoring case.
    static func named(_ name: some StringProtocol) -> Family? {
        JobFamily.named(name).flatMap { kind in all.first { $0.kind == kind } }
    }

    /// One line for each family, for the help.
    static var overview: String {
        let width = all.map(\.name.count).max() ?? 0
        return all.map { family in
            "  " + family.name + String(repeating: " ", count: width - family.name.count + 2) + family.summary
        }.joined(separator: "\n")
    }

    /// One command to start a job for each family, for the help.
    static var examples: String { all.map { "  joblinectl start \($0.example)" }.joined(separator: "\n") }
}

extension Family {
    /// Parses the name of a family.
    init(argument: String) throws {
        guard let family = Family.named(argument) else {
            let advice = Spelling.suggestion(argument, Family.all.map(\.name))
            throw ValidationError(
                "'\(argument)' is not a family\(advice.isEmpty ? "; see joblinectl --help" : advice)")
        }
        self = family
    }
}
