internal import JoblineBackend
internal import Logging
internal import SystemPackage

extension JobRunner {
    /// Brings every job that a daemon left in the middle of its run to where the queue can go on.
    ///
    /// To be done before any lane runs.
    func recover() async throws {
        var ends: [RecoveredEnd: Int] = [:]
        for family in JobFamily.allCases {
            let jobs = try await store.interruptedJobs(of: store.daemon, in: family)
            await withTaskGroup(of: RecoveredEnd.self) { group in
                for job in jobs { group.addTask { await recover(job) } }
                for await end in group { ends[end, default: 0] += 1 }
            }
        }
        if !ends.isEmpty {
            logger.notice(
                "brought the jobs in order that an earlier daemon left in the middle of their runs",
                metadata: Logger.Metadata(
                    uniqueKeysWithValues: RecoveredEnd.allCases.map { ($0.rawValue, "\(ends[$0] ?? 0)") }))
        }
        // What is still there belongs to no job, and keeps none from running.
        do {
            try await blocking {
                let work = try DirectoryHandle(state.work)
                // The operator may have put the folder where there is more than that.
                for entry in try work.entries() where WorkDirectory.isJobs(entry.name) {
                    try work.removeTree(entry.name)
                }
            }
        } catch {
            logger.error(
                "what jobs of an earlier daemon left cannot be removed", metadata: ["error": "\(error.logText)"])
        }
    }

    /// Outcome of the recovery of a job that was running.
    private enum RecoveredEnd: String, CaseIterable {
        case published, stopped, queued, failed
    }

    private func recover(_ job: Job) async -> RecoveredEnd {
        if let executor = job.executor { await endRemains(of: executor, job) }
        if let outcome = job.outcome {
            await publishAndEnd(job, outcome, WorkDirectory(state, job))
            return .published
        }
        if job.status.phase == .stopping {
            await conclude(job, JobOutcome(.stopped))
            return .stopped
        }
        // Without one its executor's program had not begun.
        guard job.executor != nil else {
            await requeue(job)
            return .queued
        }
        switch interrupted(job, executors[job.key.family], "the daemon ended while the job's executor ran") {
        case .requeue:
            await requeue(job)
            return .queued
        case .outcome(let outcome):
            await conclude(job, outcome)
            return .failed
        }
    }

    /// Ends what is left of a job's executor, and of what that has started.
    func endRemains(of executor: ProcessIdentity, _ job: Job) async {
        let orphan = OrphanedExecutor(identity: executor, output: WorkDirectory(state, job).output)
        if await !orphan.end(grace: configuration.executorGrace) {
            logger.error("what is left of an executor cannot be ended", metadata: ["job": "\(job.logID)"])
        }
    }
}
