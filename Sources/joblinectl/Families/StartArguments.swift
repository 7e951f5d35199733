internal import ArgumentParser

/// Argument of `joblinectl start`; the raw value is its form on the command line.
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

/// Arguments given to `joblinectl start`.
struct StartArguments: Sendable {
    private var values: [StartArgument: String]

    /// Default role. No executor on this host checks it, but the services require one.
    static let defaultRole = "arn:aws:iam::000000000000:role/jobline"

    init(_ values: [StartArgument: String]) { self.values = values }

    /// Value of an argument; nil if not given.
    subscript(_ argument: StartArgument) -> String? {
        get { values[argument] }
        set { values[argument] = newValue }
    }

    /// Returns the value of an argument that ``check(for:)`` has required.
    func text(_ argument: StartArgument) -> String { values[argument] ?? "" }

    var role: String { values[.role] ?? Self.defaultRole }

    /// Checks that all required arguments are given, and no unsupported ones.
    func check(for family: Family) throws {
        if let missing = family.required.first(where: { values[$0] == nil }) {
            throw ValidationError(
                "\(family.name) needs \(missing.rawValue), as in: joblinectl start \(family.example)")
        }
        let known = family.required + family.optional
        if let surplus = StartArgument.allCases.first(where: { values[$0] != nil && !known.contains($0) }) {
            throw ValidationError("\(surplus.rawValue) is not supported for \(family.name)")
        }
    }
}
