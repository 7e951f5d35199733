internal import ArgumentParser

/// What the command line can say of a new job, as it is written there.
enum StartArgument: String, Sendable, CaseIterable {
    case workflow = "WORKFLOW"
    case input = "--input"
    case output = "--output"
    case name = "--name"
    case role = "--role"
    case token = "--token"
    case kmsKey = "--kms-key"
    case solution = "--solution"
    case filter = "--filter"
    case numResults = "--num-results"
    case jobType = "--job-type"
}

/// What the command line did say.
struct StartArguments: Sendable {
    private var values: [StartArgument: String]

    /// The role where none is given: no one checks it on this host, but the services' patterns ask for one.
    static let defaultRole = "arn:aws:iam::000000000000:role/jobline"

    init(_ values: [StartArgument: String]) { self.values = values }

    /// The value, or nil if it was not given.
    subscript(_ argument: StartArgument) -> String? {
        get { values[argument] }
        set { values[argument] = newValue }
    }

    /// The value of something that ``check(for:)`` has seen.
    func text(_ argument: StartArgument) -> String { values[argument] ?? "" }

    var role: String { values[.role] ?? Self.defaultRole }

    /// Sees that a start has what it needs, and nothing that would be passed over.
    func check(for family: Family) throws {
        if let missing = family.required.first(where: { values[$0] == nil }) {
            throw ValidationError(
                "\(family.name) needs \(missing.rawValue), as in: joblinectl start \(family.example)")
        }
        let known = family.required + family.optional
        if let surplus = StartArgument.allCases.first(where: { values[$0] != nil && !known.contains($0) }) {
            throw ValidationError("\(family.name) has no \(surplus.rawValue)")
        }
    }
}
