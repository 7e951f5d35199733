internal import JoblineBackend
internal import Logging
internal import SystemPackage

/// Recovery of the jobs that this daemon was running when it ended.
struct JobRecovery: Sendable {
    let state: StateDirectory
    let store: any JobStore
    let executors: CurrentExecutors
    let conclusion: JobConclusion
    let outcomes: OutcomeRules
    let cleanup: ExecutorCleanup
    let logger: Logger

    /// Ends or requeues every interrupted job. To be called before any job is claimed.
    func run() async throws {
        var ends: [End: Int] = [:]
        for family in JobFamily.allCases {
            let jobs = try await store.interruptedJobs(of: store.daemon, in: family)
            await withTaskGroup(of: End.self) { group in
                for job in jobs { group.addTask { await recover(job) } }
                for await end in group { ends[end, default: 0] += 1 }
            }
        }
        if !ends.isEmpty {
            logger.notice(
                "recovered the jobs that were running when the daemon ended",
                metadata: Logger.Metadata(
                    uniqueKeysWithValues: End.allCases.map { ($0.rawValue, "\(ends[$0] ?? 0)") }))
        }
        await removeLeftovers()
    }

    /// Outcome of the recovery of one job.
    private enum End: String, CaseIterable {
        case published, stopped, queued, failed
    }

    private func recover(_ job: Job) async -> End {
        if let executor = job.executor { await cleanup.end(executor, of: job) }
        if let outcome = job.outcome {
            await conclusion.take(.publish(outcome), of: job)
            return .published
        }
        if job.status.phase == .stopping {
            await conclusion.take(.load(JobOutcome(.stopped)), of: job)
            return .stopped
        }
        // Without a recorded executor its program had not begun.
        guard job.executor != nil else { return await requeue(job) }
        let message = "the daemon ended while the job's executor ran"
        switch outcomes.interrupted(job, executors[job.key.family], message) {
        case .requeue: return await requeue(job)
        case .outcome(let outcome):
            await conclusion.take(.load(outcome), of: job)
            return .failed
        }
    }

    private func requeue(_ job: Job) async -> End {
        await conclusion.take(.clean(.requeue), of: job)
        return .queued
    }

    /// Removes work directories that belong to no job.
    private func removeLeftovers() async {
        do {
            try await blocking {
                let work = try DirectoryHandle(state.work)
                // The operator may keep other files in the folder.
                for entry in try work.entries() where WorkDirectory.isJobs(entry.name) {
                    try work.removeTree(entry.name)
                }
            }
        } catch {
            logger.error(
                "work directories of ended jobs cannot be removed", metadata: ["error": "\(error.logText)"])
        }
    }
}
