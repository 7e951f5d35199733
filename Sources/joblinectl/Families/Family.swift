internal import ArgumentParser
internal import Jobline

/// What the command line says of a kind of job, beside what the SDK knows of it.
struct Family: Sendable {
    let kind: JobFamily
    /// What its jobs do, in a few words.
    let summary: String
    /// What stands behind `joblinectl start` to start one.
    let example: String
    /// What a start needs.
    let required: [StartArgument]
    /// What a start may have beside it.
    let optional: [StartArgument]
    /// How far a job can be, in the service's own words.
    let statuses: [Status]
    /// Jobs on a page at most.
    let maximumPage: Int
    /// Starts a job.
    let start: @Sendable (StartArguments, JoblineClient) async throws -> JobReference

    /// As it is written on the command line.
    var name: String { kind.rawValue }

    static let all = comprehendMedical + personalize + entityResolution

    /// The family that is named so, in any case.
    static func named(_ name: some StringProtocol) -> Family? {
        JobFamily.named(name).flatMap { kind in all.first { $0.kind == kind } }
    }

    /// One line each, for the help.
    static var overview: String {
        let width = all.map(\.name.count).max() ?? 0
        return all.map { family in
            "  " + family.name + String(repeating: " ", count: width - family.name.count + 2) + family.summary
        }.joined(separator: "\n")
    }

    /// How to start one of each, for the help.
    static var examples: String { all.map { "  joblinectl start \($0.example)" }.joined(separator: "\n") }
}

extension Family {
    /// Reads a family that is named on the command line.
    init(argument: String) throws {
        guard let family = Family.named(argument) else {
            let advice = Spelling.advice(argument, Family.all.map(\.name))
            throw ValidationError(
                "'\(argument)' is no family\(advice.isEmpty ? "; see joblinectl --help for them" : advice)")
        }
        self = family
    }
}
