/// Reason for which a connection ended, by the name of its counter.
enum ConnectionEnd: String, Sendable, Hashable {
    /// The peer closed it, or sent nothing more and has its replies.
    case peer
    /// The peer did not send a sequence of frames.
    case brokenFrame = "broken-frame"
    /// The peer took too long for one frame.
    case frameTimeout = "frame-timeout"
    /// The peer did not read.
    case slowConsumer = "slow-consumer"
    /// The connections of its user hold too many bytes.
    case userBytes = "user-bytes"
    /// The server drained.
    case drain
    /// Too many connections were open.
    case refused
    /// The socket failed.
    case failed
}
