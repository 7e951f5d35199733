internal import JoblineProtocol
internal import NIOCore

/// A watch on its way: what to ask for, and whom to tell what came of it. Everything is called on the event loop.
struct OutgoingWatch: Sendable {
    /// When it ends if it has not ended by itself; nil for never. Never sent: the daemon would take five minutes for an hour.
    let deadline: NIODeadline?
    let traceparent: String?
    /// What is left to ask for; nil if nothing is. Asked again on every connection.
    let request: @Sendable () -> Sidecar.WatchJobsRequest?
    /// Takes what a job is like now.
    let changed: @Sendable (JobChange) -> Void
    /// Takes the end, nil where nothing failed; called exactly once, unless the watch is cancelled.
    let ended: @Sendable (CallFailure?) -> Void
}

extension OutgoingWatch {
    /// The request as it is written now; nil if nothing is left to ask for.
    func request(id: Int64) -> Request? {
        guard let params = request() else { return nil }
        return Request(
            id: .integer(id), name: .known(.sidecarWatchJobs), params: params.json(), traceparent: traceparent)
    }
}
