package import JoblineProtocol
internal import Synchronization

/// Answers `Sidecar.WatchJobs`: all watches of the daemon, over one source of jobs.
package final class JobWatches: Sendable {
    /// Whom a watch tells. A class, so that handing it on is cheap.
    private final class Follower: Sendable {
        let request: Sidecar.WatchJobsRequest
        let notify: RequestContext.Notify
        /// Hears that all that it was to tell is on its way, or never will be.
        let taken: RequestContext.Taken
        let end: End

        typealias End = CheckedContinuation<Void, any Error>

        init(
            _ request: Sidecar.WatchJobsRequest, _ notify: @escaping RequestContext.Notify,
            taken: @escaping RequestContext.Taken, end: End
        ) {
            self.request = request
            self.notify = notify
            self.taken = taken
            self.end = end
        }

        func tell(_ news: [WatchTable.News]) {
            for (rest, news) in zip((0..<news.count).reversed(), news) {
                let params = news.finding.params(workflow: request.jobs[news.index].workflow)
                notify(params, rest == 0 ? taken : nil)
            }
        }
    }

    private struct State: ~Copyable {
        var table = WatchTable()
        var followers: [WatchTable.WatchNumber: Follower] = [:]

        /// What these watches do next, and what there is to read now.
        mutating func action(_ numbers: some Collection<WatchTable.WatchNumber> = []) -> Action {
            var action = Action()
            for number in numbers {
                guard let follower = followers[number] else { continue }
                switch table.next(number) {
                // Nothing to do, as mostly.
                case .wait: break
                case let step: action.steps.append((number, step, follower))
                }
            }
            while let read = table.nextRead() { action.reads.append(read) }
            return action
        }
    }

    /// What is to be done outside of the lock.
    private struct Action {
        var steps: [(number: WatchTable.WatchNumber, step: WatchTable.Step, follower: Follower)] = []
        var reads: [WatchTable.Read] = []
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
    /// What it has to tell goes from the read to the connection; its task sleeps until the end.
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
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { end in
                let follower = Follower(
                    request, context.notify, taken: { self.toldAll(number, isTaken: $0) }, end: end)
                state.withLock { $0.followers[number] = follower }
                // A cancel that came before found nobody.
                if Task.isCancelled { self.end(number, .failure(CancellationError())) }
                proceed(number)
            }
        } onCancel: {
            end(number, .failure(CancellationError()))
        }
        return Sidecar.WatchJobsResponse()
    }

    private func end(_ number: WatchTable.WatchNumber, _ result: Result<Void, any Error>) {
        let follower = state.withLock { state in
            state.table.close(number)
            return state.followers.removeValue(forKey: number)
        }
        follower?.end.resume(with: result)
    }

    private func changed(_ job: JobIdentity) {
        let action = state.withLock { state in
            state.table.changed(job)
            return state.action()
        }
        perform(action)
    }

    /// A watch that has told everything goes on.
    private func toldAll(_ number: WatchTable.WatchNumber, isTaken: Bool) {
        if isTaken { proceed(number) } else { end(number, .failure(CancellationError())) }
    }

    private func proceed(_ number: WatchTable.WatchNumber) {
        perform(state.withLock { $0.action(CollectionOfOne(number)) })
    }

    private func perform(_ action: Action) {
        for read in action.reads { Task { await self.carryOut(read) } }
        for (number, step, follower) in action.steps {
            switch step {
            case .tell(let news): follower.tell(news)
            case .end: end(number, .success(()))
            case .fail(let error): end(number, .failure(error))
            case .wait: break
            }
        }
    }

    private func carryOut(_ read: WatchTable.Read) async {
        let result: Result<[JobSnapshot], any Error>
        do {
            result = .success(try await source.snapshots(of: read.jobs))
        } catch {
            result = .failure(error)
        }
        perform(state.withLock { $0.action($0.table.ended(read, result)) })
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
