/// Why a connection has ended, in the names under which it is counted.
enum ConnectionEnd: String, Sendable, Hashable {
    /// The peer has closed it, or sent nothing more and has its answers.
    case peer
    /// What the peer sent was no sequence of frames.
    case brokenFrame = "broken-frame"
    /// The peer took too long for one frame.
    case frameTimeout = "frame-timeout"
    /// The peer did not read.
    case slowConsumer = "slow-consumer"
    /// The connections of its user held too much together, and it wanted more.
    case userBytes = "user-bytes"
    /// The server went down.
    case drain
    /// There were too many.
    case refused
    /// The socket failed.
    case failed
}
