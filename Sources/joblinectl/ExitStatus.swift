internal import Jobline

/// How the command line ends; the numbers of sysexits.h where it has one, and that of timeout(1).
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    case jobFailed = 1
    case degraded = 2
    case ended = 3
    case usage = 64
    case refused = 65
    case notFound = 66
    case unreachable = 69
    case internalError = 70
    case conflict = 73
    case tryAgain = 75
    case forbidden = 77
    case timeout = 124

    /// The status of a failed call.
    init(_ code: JoblineError.Code) {
        switch code {
        case .unreachable, .connectionLost: self = .unreachable
        case .timeout: self = .timeout
        case .throttled, .unavailable, .overloaded: self = .tryAgain
        case .invalid, .refused, .methodNotFound, .replyTooLarge, .encoding: self = .refused
        case .forbidden: self = .forbidden
        case .notFound: self = .notFound
        case .conflict: self = .conflict
        default: self = .internalError
        }
    }

    private var meaning: String {
        switch self {
        case .success: "done"
        case .jobFailed: "a job that was waited for did not end well"
        case .degraded: "the daemon cannot do all of its work"
        case .ended: "a job to stop had already ended, and stays as it is"
        case .usage: "the command line is wrong"
        case .refused: "the daemon refused the request as it is"
        case .notFound: "no such job or workflow"
        case .unreachable: "the daemon cannot be reached, or the connection was lost"
        case .internalError: "the daemon, or the answer, is broken"
        case .conflict: "a conflict, a taken name, or a quota of running jobs"
        case .tryAgain: "throttled or unavailable: try again later"
        case .forbidden: "this user may not do this"
        case .timeout: "no answer, or no end of the job, in time"
        }
    }

    /// One line each, for the help.
    static var overview: String {
        allCases.map { status in
            String(repeating: " ", count: 5 - String(status.rawValue).count) + "\(status.rawValue)  \(status.meaning)"
        }.joined(separator: "\n")
    }
}

/// A failure that is no failed call.
struct CommandFailure: Error {
    /// Message of the failure; nil if it has been printed already.
    let message: String?
    let status: ExitStatus
}
