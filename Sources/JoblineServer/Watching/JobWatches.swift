package import JoblineBackend
package import JoblineProtocol
internal import Synchronization

/// Service of `Sidecar.WatchJobs`: all watches of the daemon over one source of jobs.
package final class JobWatches: Sendable {
    /// Caller of a watch. A class, so that passing it on is one retain.
    private final class Follower: Sendable {
        let notify: RequestContext.Notify
        /// Called when all notifications of a round are sent, or never will be.
        let taken: RequestContext.Taken
        let end: End

        typealias End = CheckedContinuation<Void, any Error>

        init(
            _ notify: @escaping RequestContext.Notify, taken: @escaping RequestContext.Taken, end: End
        ) {
            self.notify = notify
            self.taken = taken
            self.end = end
        }

        func tell(_ news: [WatchTable.News]) {
            for (rest, news) in zip((0..<news.count).reversed(), news) {
                notify(news.finding.params, rest == 0 ? taken : nil)
            }
        }
    }

    private struct State: ~Copyable {
        var table = WatchTable()
        var followers: [WatchTable.WatchNumber: Follower] = [:]

        /// Returns the next steps of some watches, and the reads to begin.
        mutating func action(_ numbers: some Collection<WatchTable.WatchNumber> = []) -> Action {
            var action = Action()
            for number in numbers {
                guard let follower = followers[number] else { continue }
                switch table.next(number) {
                // The common case.
                case .wait: break
                case let step: action.steps.append((number, step, follower))
                }
            }
            while let read = table.nextRead() { action.reads.append(read) }
            return action
        }
    }

    /// Steps and reads, carried out outside of the lock.
    private struct Action {
        var steps: [(number: WatchTable.WatchNumber, step: WatchTable.Step, follower: Follower)] = []
        var reads: [WatchTable.Read] = []
    }

    private let source: any JobSource
    private let state = Mutex(State())

    /// - Parameter source: Source of the jobs; retained.
    package init(of source: any JobSource) {
        self.source = source
        source.observe { [weak self] job in self?.changed(job) }
    }

    /// Whether no watch is open.
    package var isIdle: Bool { state.withLock { $0.table.isEmpty } }

    /// Carries a watch out to its end.
    ///
    /// Notifications go from the read to the connection directly; the watch's task is suspended until the end.
    ///
    /// - Throws: If the request is invalid, the source fails, or the task is cancelled.
    package func watch(
        _ request: Sidecar.WatchJobsRequest, context: RequestContext
    ) async throws -> Sidecar.WatchJobsResponse {
        let jobs = try request.checkedJobs()
        let number = state.withLock {
            $0.table.open(jobs, lane: context.connection, endsWithJobs: request.until == .terminal)
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { end in
                let follower = Follower(context.notify, taken: { self.toldAll(number, isTaken: $0) }, end: end)
                state.withLock { $0.followers[number] = follower }
                // A cancellation before this point found no follower.
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

    private func changed(_ job: JobReference) {
        let action = state.withLock { state in
            state.table.changed(job)
            return state.action()
        }
        perform(action)
    }

    /// Continues a watch whose notifications were sent.
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
    /// Returns the jobs of the request. Each is valid, and none is there twice.
    fileprivate func checkedJobs() throws(WireError) -> [JobReference] {
        var seen: Set<JobReference> = []
        var checked: [JobReference] = []
        for (index, job) in jobs.enumerated() {
            let job = try job.checked("jobs[\(index)]", of: .sidecarWatchJobs)
            guard seen.insert(job).inserted else {
                throw Method.sidecarWatchJobs.invalidParams("the same job is there twice", path: "jobs[\(index)]")
            }
            checked.append(job)
        }
        return checked
    }
}

extension Sidecar.JobReference {
    /// Returns the reference, which has a workflow exactly if its family has workflows.
    ///
    /// - Parameter path: Path of the reference in the request.
    func checked(_ path: String, of method: Method) throws(WireError) -> JobReference {
        guard let job = JobReference(self) else {
            throw method.invalidParams("is no family of jobs", path: "\(path).family")
        }
        guard family.hasWorkflows != (workflow != nil) else { return job }
        throw method.invalidParams(
            family.hasWorkflows
                ? "a \(family.rawValue) job is found with its workflow" : "a \(family.rawValue) job has no workflow",
            path: "\(path).workflow")
    }
}
