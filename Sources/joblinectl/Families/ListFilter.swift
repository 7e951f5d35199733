internal import Jobline

/// What the command line can say of the jobs to list.
enum ListOption: String, Sendable, CaseIterable {
    case name = "--name"
    case status = "--status"
    case before = "--before"
    case after = "--after"
    case solution = "--solution"
}

/// Which jobs a list shows.
enum ListFilter: Sendable, Hashable {
    case name(String)
    case status(String)
    case before(Timestamp)
    case after(Timestamp)
    case solution(String)

    /// What the command line says it with.
    var option: ListOption {
        switch self {
        case .name: .name
        case .status: .status
        case .before: .before
        case .after: .after
        case .solution: .solution
        }
    }
}
