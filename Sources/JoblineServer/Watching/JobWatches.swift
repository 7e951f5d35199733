package import JoblineProtocol
internal import Synchronization

/// Answers `Sidecar.WatchJobs`: all watches of the daemon, over one source of jobs.
package final class JobWatches: Sendable {
    private struct State: ~Copyable {
        var table = WatchTable()
        /// The watches that wait for something to do.
        var waiting: [WatchTable.WatchNumber: CheckedContinuation<WatchTable.Step, Never>] = [:]
    }

    private let source: any JobSource
    private let state = Mutex(State())

    /// - Parameter source: Where the jobs are, for as long as there is either.
    package init(of source: any JobSource) {
        self.source = source
        source.observe { [weak self] job in self?.changed(job) }
    }

    /// True if nobody watches anything.
    package var isIdle: Bool { state.withLock { $0.table.isEmpty } }

    /// Carries a watch out, to its end.
    ///
    /// - Throws: If the request makes no sense, the source fails, or the task is cancelled.
    package func watch(
        _ request: Sidecar.WatchJobsRequest, context: RequestContext
    ) async throws -> Sidecar.WatchJobsResponse {
        try request.check()
        let jobs = request.jobs.map { (JobIdentity($0.family, $0.id), workflow: $0.workflow) }
        let number = state.withLock {
            $0.table.open(jobs, lane: context.connection, endsWithJobs: request.until == .terminal)
        }
        defer { state.withLock { $0.table.close(number) } }
        while true {
            switch await next(number) {
            case .tell(let news):
                try await context.notify(news.map { $0.notification(of: request.jobs[$0.index], to: context.id) })
            case .end: return Sidecar.WatchJobsResponse()
            case .fail(let error): throw error
            case .wait: throw CancellationError()
            }
        }
    }

    /// What a watch does next, once that is something; `wait` if its task was cancelled first.
    private func next(_ number: WatchTable.WatchNumber) async -> WatchTable.Step {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let step = state.withLock { state -> WatchTable.Step? in
                    let step = Task.isCancelled ? .wait : state.table.next(number)
                    guard case .wait = step, !Task.isCancelled else { return step }
                    state.waiting[number] = continuation
                    return nil
                }
                if let step { continuation.resume(returning: step) }
                beginReads()
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: .wait)
        }
    }

    private func changed(_ job: JobIdentity) {
        state.withLock { $0.table.changed(job) }
        beginReads()
    }

    private func beginReads() {
        while let read = state.withLock({ $0.table.nextRead() }) {
            Task { await self.carryOut(read) }
        }
    }

    private func carryOut(_ read: WatchTable.Read) async {
        let result: Result<[JobSnapshot], any Error>
        do {
            result = .success(try await source.snapshots(of: read.jobs))
        } catch {
            result = .failure(error)
        }
        let steps = state.withLock { state in
            state.table.ended(read, result).compactMap { number in
                state.waiting.removeValue(forKey: number).map { ($0, state.table.next(number)) }
            }
        }
        for (continuation, step) in steps { continuation.resume(returning: step) }
        beginReads()
    }
}

extension WatchTable.News {
    /// - Parameter watch: The id of the request.
    fileprivate func notification(of reference: Sidecar.JobReference, to watch: RequestID?) -> Sidecar.JobChanged {
        Sidecar.JobChanged(
            service: reference.family.service ?? "", family: reference.family, id: reference.id,
            state: snapshot.state, watch: watch, workflow: reference.workflow, progress: snapshot.progress,
            job: snapshot.job)
    }
}

extension Sidecar.WatchJobsRequest {
    /// Checks what holds between the jobs and within each.
    fileprivate func check() throws(WireError) {
        var seen: Set<JobIdentity> = []
        for (index, job) in jobs.enumerated() {
            if job.family.hasWorkflows != (job.workflow != nil) {
                throw Method.sidecarWatchJobs.invalidParams(
                    job.family.hasWorkflows
                        ? "a \(job.family.rawValue) job is found with its workflow"
                        : "a \(job.family.rawValue) job has no workflow", path: "jobs[\(index)].workflow")
            }
            guard seen.insert(JobIdentity(job.family, job.id)).inserted else {
                throw Method.sidecarWatchJobs.invalidParams("the same job is there twice", path: "jobs[\(index)]")
            }
        }
    }
}
