internal import NIOCore

extension ClientStateMachine {
    /// A call or watch that came to its end without an answer.
    struct Ended: Sendable {
        let id: CallID
        let failure: CallFailure
    }

    /// How to go on without the present connection.
    enum Next: Sendable, Hashable {
        case rest
        case connect(Generation)
        case backOff(TimeAmount)
    }

    /// The present connection is over.
    struct LinkEnd: Sendable {
        /// What was sent on it and gets no answer.
        let ended: [Ended]
        let next: Next
    }

    enum SubmitAction: Sendable {
        /// It waits, or is what ``ClientStateMachine/nextToWrite(now:)`` gives out.
        case wait
        case connect(Generation)
        case refuse(CallFailure)
    }

    enum ConnectedAction: Sendable, Hashable {
        case use
        /// No one wants this connection any more.
        case close
    }

    struct ConnectFailedAction: Sendable {
        let ended: [Ended]
        let next: Next
    }

    enum AnswerAction: Sendable {
        /// Hand the answer to the caller.
        case deliver(LinkEnd?)
        /// No one waits for it.
        case ignore(LinkEnd?)
        /// The server answered what it was not asked.
        case violation(LinkEnd)
    }

    enum CancelAction: Sendable {
        /// It ended already.
        case none
        /// It was not sent.
        case fail(CallFailure)
        /// It was sent: tell the server, too.
        case failAndTellServer(CallFailure, LinkEnd?)
    }

    enum WatchAnswerAction: Sendable {
        /// It came to its end as it should.
        case finish
        case fail(CallFailure)
        /// It is asked for again, or no one waits for it.
        case none
        /// The server answered what it was not asked.
        case violation(LinkEnd)
    }

    struct TimeAction: Sendable {
        var ended: [Ended] = []
        /// Ended requests that the server works on and need not.
        var tellServer: [CallID] = []
        /// Whether to ask the server for a sign of life.
        var pings = false
        var linkEnd: LinkEnd?
    }

    struct EndWatchesAction: Sendable {
        var ended: [Ended] = []
        /// Those among them that the server knows of.
        var tellServer: [CallID] = []
    }
}
