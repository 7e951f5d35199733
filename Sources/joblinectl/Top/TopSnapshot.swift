internal import Jobline

/// Data of one refresh of `joblinectl top`.
struct TopSnapshot: Sendable {
    var time: Timestamp
    var info: Sidecar.GetInfoResponse?
    var statistics: Sidecar.GetStatisticsResponse?
    /// Requests per second since the previous snapshot; nil for the first one, or if the daemon was restarted.
    var requestRate: Double?
    /// Newest jobs of every family.
    var jobs: [Job] = []
    /// Reason why the other values are outdated; nil if they are current.
    var problem: String?

    /// Jobs that have not ended, then the others, each from the newest to the oldest.
    var orderedJobs: [Job] {
        jobs.sorted { first, second in
            if first.state.isTerminal != second.state.isTerminal { return second.state.isTerminal }
            let times = (first.submitted?.milliseconds ?? 0, second.submitted?.milliseconds ?? 0)
            return times.0 == times.1 ? first.reference.fullName < second.reference.fullName : times.0 > times.1
        }
    }
}
