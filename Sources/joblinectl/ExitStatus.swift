internal import Jobline

/// Exit status of the program; values of sysexits.h where one fits, and of timeout(1).
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

    /// Returns the status for the error of a call.
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
        case .success: "success"
        case .jobFailed: "an awaited job did not succeed"
        case .degraded: "a health check of the daemon failed"
        case .ended: "a job to stop had already ended"
        case .usage: "invalid command line"
        case .refused: "request refused by the daemon"
        case .notFound: "unknown job or workflow"
        case .unreachable: "daemon unreachable, or connection lost"
        case .internalError: "internal error of the daemon, or invalid reply"
        case .conflict: "conflict, name in use, or quota of running jobs reached"
        case .tryAgain: "throttled or unavailable; try again later"
        case .forbidden: "access denied"
        case .timeout: "timeout"
        }
    }

    /// One line for each status, for the help.
    static var overview: String {
        allCases.map { status in
            String(repeating: " ", count: 5 - String(status.rawValue).count) + "\(status.rawValue)  \(status.meaning)"
        }.joined(separator: "\n")
    }
}

/// Failure other than an error of a call.
struct CommandFailure: Error {
    /// Message; nil if it has already been printed.
    let message: String?
    let status: ExitStatus
}
