internal import JoblineProtocol

/// Outcome of a request, in the words of log and statistics.
enum RequestOutcome: Sendable, Hashable, CustomStringConvertible {
    case success
    case failure(WireError.Code)
    /// The connection ended before anything else was decided.
    case lost

    var description: String {
        switch self {
        case .success: "ok"
        case .failure(let code): "\(code.rawValue)"
        case .lost: "lost"
        }
    }
}
