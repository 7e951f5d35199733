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
    /// What the service itself can filter a list by, one at a time.
    let filters: [ListOption]
    /// How far a job can be, in the service's own words.
    let statuses: [String]
    /// Jobs on a page at most.
    let maximumPage: Int
    let start: @Sendable (StartArguments, JoblineClient) async throws -> StartedJob

    /// As it is written on the command line.
    var name: String { kind.rawValue }

    static let all = comprehendMedical + personalize + entityResolution

    /// The family that is named so, in any case.
    static func named(_ name: some StringProtocol) -> Family? {
        all.first { $0.name.lowercased() == name.lowercased() }
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

/// What was just started.
struct StartedJob: Sendable {
    let reference: JobReference
    /// The service's own answer.
    let json: String
}

/// What the command line can say of the jobs to list.
enum ListOption: String, Sendable, CaseIterable {
    case name = "--name"
    case status = "--status"
    case before = "--before"
    case after = "--after"
    case solution = "--solution"
}

/// A kind of job, named on the command line.
struct FamilyArgument: ExpressibleByArgument, Sendable {
    let family: Family

    init(family: Family) { self.family = family }

    init?(argument: String) {
        guard let family = Family.named(argument) else { return nil }
        self.init(family: family)
    }

    static var allValueStrings: [String] { Family.all.map(\.name) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    var defaultValueDescription: String { family.name }
}
