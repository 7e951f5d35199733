internal import Jobline

/// Collector of ``TopSnapshot``s from the daemon.
struct TopCollector: Sendable {
    private var last: TopSnapshot
    private let client: JoblineClient

    /// Maximum number of workflows of each family.
    private static let maximumWorkflows = 10
    private static let maximumJobs = 50
    /// Maximum number of jobs whose progress is requested.
    private static let maximumWatched = 100
    private static let progressTimeout = Duration.seconds(1)

    init(_ client: JoblineClient) {
        self.client = client
        last = TopSnapshot(time: .now)
    }

    /// Returns the current state; if the daemon does not reply, the previous state and the problem.
    mutating func collect() async throws(JoblineError) -> TopSnapshot {
        do throws(JoblineError) {
            try await look()
            last.problem = nil
        } catch {
            if error.code == .cancelled || error.code == .closed { throw error }
            last.requestRate = nil
            last.problem = error.explanation
        }
        last.time = .now
        return last
    }

    private mutating func look() async throws(JoblineError) {
        let statistics = try await client.sidecar.getStatistics()
        let now = Timestamp.now
        last.requestRate = last.statistics.flatMap { former in
            let seconds = Double(now.milliseconds - last.time.milliseconds) / 1000
            guard former.startTime == statistics.startTime, seconds > 0 else { return nil }
            return (Double(statistics.requests.received) - Double(former.requests.received)) / seconds
        }
        last.statistics = statistics
        let info = try await client.sidecar.getInfo()
        last.info = info
        var jobs: [Job] = []
        for family in info.families where family.configured {
            guard let family = Family.named(family.family) else { continue }
            jobs += try await client.newestJobs(
                of: family, atMost: Self.maximumJobs, workflows: Self.maximumWorkflows)
        }
        last.jobs = try await withProgress(jobs)
    }

    /// Returns the jobs with progress, which lists do not have; a watch reports it first.
    private func withProgress(_ jobs: [Job]) async throws(JoblineError) -> [Job] {
        let open = jobs.filter(\.state.isUnderWay).prefix(Self.maximumWatched)
        var progress: [JobReference: Double?] = [:]
        if !open.isEmpty {
            let options = CallOptions(timeout: Self.progressTimeout)
            do throws(JoblineError) {
                for try await job in client.watch(open.map(\.reference), options: options) {
                    progress[job.reference] = job.progress
                    if progress.count == open.count { break }
                }
            } catch {
                // Progress is optional, but a lost daemon must be reported.
                guard error.code == .timeout else { throw error }
            }
        }
        return jobs.map { job in
            var job = job
            job.progress = progress[job.reference] ?? nil
            return job
        }
    }
}
