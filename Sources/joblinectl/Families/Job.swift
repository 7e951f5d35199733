internal import Jobline
internal import NIOCore

/// One job, as far as all kinds of jobs are alike.
struct Job: Sendable {
    enum Standing: Sendable, Hashable {
        case goingOn
        case endedWell
        case endedBadly
    }

    /// What `describe` and `wait` take.
    var reference: String
    /// The name its owner gave it.
    var name: String?
    /// The service's own word.
    var state: String
    var standing: Standing
    var started: Timestamp?
    var ended: Timestamp?
    /// Why it failed.
    var message: String?
    /// What else is known of it, for a person.
    var details: [(name: String, value: String?)] = []
    /// The service's own answer.
    var json: String

    /// A state in capitals and with spaces: some write the same one with an underscore.
    static func comparable(_ state: String) -> String { String(state.uppercased().map { $0 == "_" ? " " : $0 }) }
}

extension JSONEncodable {
    /// The value as JSON text.
    var text: String { String(buffer: json()) }
}
