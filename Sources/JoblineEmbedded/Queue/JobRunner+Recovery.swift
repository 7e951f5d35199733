internal import Logging
internal import SystemPackage

extension JobRunner {
    /// Brings every job that a daemon left in the middle of its run to where the queue can go on.
    ///
    /// To be done before any lane runs.
    func recover() async throws {
        for family in JobFamily.allCases {
            let jobs = try store.interrupted(family)
            await withDiscardingTaskGroup { group in
                for job in jobs { group.addTask { await recover(job) } }
            }
        }
        // What is still there belongs to no job, and keeps none from running.
        do {
            try await blocking {
                let work = try DirectoryHandle(state.work)
                for entry in try work.entries() { try work.removeTree(entry.name) }
            }
        } catch {
            logger.error(
                "what jobs of an earlier daemon left cannot be removed", metadata: ["error": "\(error.logText)"])
        }
    }

    private func recover(_ job: Job) async {
        if let executor = job.executor { await endRemains(of: executor, job) }
        if let outcome = job.outcome {
            await publishAndEnd(job, outcome, WorkDirectory(state, job))
        } else if job.status.phase == .stopping {
            await conclude(job, JobOutcome(.stopped))
        } else if job.executor == nil {
            // Its executor's program had not begun.
            await requeue(job)
        } else {
            switch interrupted(job, "the daemon ended while the job's executor ran") {
            case .requeue: await requeue(job)
            case .outcome(let outcome): await conclude(job, outcome)
            }
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
