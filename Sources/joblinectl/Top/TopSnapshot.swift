internal import Jobline

/// What `joblinectl top` shows: what the daemon said last.
struct TopSnapshot: Sendable {
    var time: Timestamp
    var info: Sidecar.GetInfoResponse?
    var statistics: Sidecar.GetStatisticsResponse?
    /// Requests a second since the look before this one; nil without one, or where the daemon was started in between.
    var requestRate: Double?
    /// The newest jobs of every family.
    var jobs: [Job] = []
    /// Why the rest is not of now.
    var problem: String?

    /// The jobs in the order in which they matter: what goes on, then the newest.
    var orderedJobs: [Job] {
        jobs.sorted { first, second in
            if first.state.isTerminal != second.state.isTerminal { return second.state.isTerminal }
            let times = (first.submitted?.milliseconds ?? 0, second.submitted?.milliseconds ?? 0)
            return times.0 == times.1 ? first.reference.fullName < second.reference.fullName : times.0 > times.1
        }
    }
}
