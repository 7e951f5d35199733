internal import Jobline

/// Asks the daemon for what ``TopSnapshot`` holds.
struct TopCollector: Sendable {
    private var last: TopSnapshot
    private let client: JoblineClient

    /// What bounds a look: workflows of each family, and jobs of each family or workflow.
    private static let maximumWorkflows = 10
    private static let maximumJobs = 50
    /// Jobs that go on and whose progress is asked for.
    private static let maximumWatched = 100
    private static let progressPatience = Duration.seconds(1)

    init(_ client: JoblineClient) {
        self.client = client
        last = TopSnapshot(time: .now)
    }

    /// What is the case now; what was the case last, and why there is nothing newer, where the daemon does not answer.
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

    /// Lists do not tell of progress; the first words of a watch do.
    private func withProgress(_ jobs: [Job]) async throws(JoblineError) -> [Job] {
        let open = jobs.filter(\.state.isUnderWay).prefix(Self.maximumWatched)
        var progress: [JobReference: Double?] = [:]
        if !open.isEmpty {
            let options = CallOptions(timeout: Self.progressPatience)
            do throws(JoblineError) {
                for try await job in client.watch(open.map(\.reference), options: options) {
                    progress[job.reference] = job.progress
                    if progress.count == open.count { break }
                }
            } catch {
                // How far a job is may be left out; that the daemon is gone may not.
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
