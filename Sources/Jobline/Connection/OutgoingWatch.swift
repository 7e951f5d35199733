internal import JoblineProtocol
internal import NIOCore

/// Request and callbacks of a watch. All closures run on the event loop.
struct OutgoingWatch: Sendable {
    /// Time at which the watch fails if it has not ended; unlimited if nil.
    ///
    /// Never sent to the daemon, which limits timeouts to five minutes.
    let deadline: NIODeadline?
    let traceparent: String?
    /// Returns the jobs left to watch; nil if there are none. Called for every attempt.
    let request: @Sendable () -> Sidecar.WatchJobsRequest?
    /// Receives the new state of a job.
    let changed: @Sendable (JobChange) -> Void
    /// Receives the failure, or nil if the watch ended normally; called exactly once unless the watch is cancelled.
    let ended: @Sendable (CallFailure?) -> Void
}

extension OutgoingWatch {
    /// Returns the request to write; nil if nothing is left to watch.
    func request(id: Int64) -> Request? {
        guard let params = request() else { return nil }
        return Request(
            id: .integer(id), name: .known(.sidecarWatchJobs), params: params.json(), traceparent: traceparent)
    }
}
