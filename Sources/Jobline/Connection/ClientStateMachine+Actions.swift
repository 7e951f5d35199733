internal import NIOCore

extension ClientStateMachine {
    /// A call or watch that ended without a response.
    struct Ended: Sendable {
        let id: CallID
        let failure: CallFailure
    }

    /// Next step without a connection.
    enum Next: Sendable, Hashable {
        case rest
        case connect(Generation)
        case backOff(TimeAmount)
    }

    /// End of the current connection.
    struct LinkEnd: Sendable {
        /// Calls and watches that fail with the connection.
        let ended: [Ended]
        let next: Next
    }

    enum SubmitAction: Sendable {
        /// Keep the request until ``ClientStateMachine/nextToWrite(now:)`` returns its id.
        case wait
        case connect(Generation)
        case refuse(CallFailure)
    }

    enum ConnectedAction: Sendable, Hashable {
        case use
        /// Close the connection; it is no longer needed.
        case close
    }

    struct ConnectFailedAction: Sendable {
        let ended: [Ended]
        let next: Next
    }

    enum AnswerAction: Sendable {
        /// Deliver the response to the caller.
        case deliver(LinkEnd?)
        /// Drop the response; its call was cancelled or timed out.
        case ignore(LinkEnd?)
        /// The server responded to a request that was not sent.
        case violation(LinkEnd)
    }

    enum CancelAction: Sendable {
        /// The call has already ended.
        case none
        /// Fail the call; its request was not written.
        case fail(CallFailure)
        /// Fail the call and cancel its request on the server.
        case failAndTellServer(CallFailure, LinkEnd?)
    }

    enum WatchAnswerAction: Sendable {
        /// The watch ended without an error.
        case finish
        case fail(CallFailure)
        /// Nothing to do: the watch is requested again later, or it was cancelled.
        case none
        /// The server responded to a request that was not sent.
        case violation(LinkEnd)
    }

    struct TimeAction: Sendable {
        var ended: [Ended] = []
        /// Ids of the ended requests to cancel on the server.
        var tellServer: [CallID] = []
        /// Whether to send a ping.
        var pings = false
        var linkEnd: LinkEnd?
    }

    struct EndWatchesAction: Sendable {
        var ended: [Ended] = []
        /// Ids of the ended watches to cancel on the server.
        var tellServer: [CallID] = []
    }
}
