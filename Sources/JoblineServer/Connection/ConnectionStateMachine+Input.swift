extension ConnectionStateMachine {
    /// Treatment of incoming bytes.
    enum Input: Sendable, Hashable {
        /// Read and decode.
        case decode
        /// Do not read; keep the bytes that were read for later.
        case pause
        /// Do not read; drop the bytes that were read.
        case refuse
        /// Read and drop.
        case discard

        /// Whether bytes that were read are dropped.
        var dropsBytes: Bool { self == .refuse || self == .discard }
    }
}
