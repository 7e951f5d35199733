internal import LibC
internal import Jobline
internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol
internal import Synchronization

/// A kind of job as the backend has it; the SDK's has the same names.
typealias Family = JoblineBackend.JobFamily
/// The daemon's own reference to a job, as opposed to that of the SDK.
typealias BackendReference = JoblineBackend.JobReference

/// Where jobs are played in place of the programs that would do them.
final class Stage: Sendable {
    private struct State {
        /// nil once the server is stopped.
        var backend: EmbeddedBackend?
        var scripts: [Family: JobScript] = [:]
        /// Held jobs that a test has let go.
        var released: Set<BackendReference> = []
        var mailboxes: [BackendReference: Mailbox] = [:]
        /// Jobs that were handed out by ``TestServer/nextJob(_:)``.
        var handedOut: Set<BackendReference> = []
        /// Wakes those who wait for something to change.
        var observers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextNumber = 0
    }

    /// How long, in real time, anything is waited for.
    let patience: Duration
    private let state = Mutex(State())

    init(patience: Duration) { self.patience = patience }

    var backend: EmbeddedBackend {
        get throws(TestServerError) {
            guard let backend = state.withLock({ $0.backend }) else {
                throw TestServerError(.stopped, "the test server was stopped")
            }
            return backend
        }
    }

    func open(_ backend: EmbeddedBackend) { state.withLock { $0.backend = backend } }

    /// Lets go of the backend, and of everybody who waits.
    func close() {
        let observers = state.withLock { state in
            state.backend = nil
            return state.observers.values
        }
        for observer in observers { observer.finish() }
    }

    func setScript(_ script: JobScript, of family: Family) { state.withLock { $0.scripts[family] = script } }

    /// Lets a held job leave its queue.
    func release(_ key: BackendReference) { state.withLock { _ = $0.released.insert(key) } }

    /// The jobs that may leave their queue; nil: all.
    func ready(_ family: Family) -> Set<String>? {
        state.withLock { state in
            guard state.scripts[family]?.play == nil else { return nil }
            return Set(state.released.lazy.filter { $0.family == family }.map(\.id))
        }
    }

    /// A job that has to end before another one of a family may leave the queue; nil where there is none.
    func obstacle(_ family: Family) -> BackendReference? {
        state.withLock { state in
            let running = state.mailboxes.keys.filter { $0.family == family }
            return running.count < Self.concurrency(of: family) ? nil : running.first
        }
    }

    /// How many jobs run at a time: of Entity Resolution one of a kind, as in the service; of others more than a test will want.
    static func concurrency(of family: Family) -> Int { family.service == .entityResolution ? 1 : 64 }

    func mailbox(_ key: BackendReference) -> Mailbox? { state.withLock { $0.mailboxes[key] } }

    /// Says of the first of some jobs that was not handed out before that it now is.
    func handOut(_ keys: [BackendReference]) -> BackendReference? {
        state.withLock { state in
            let first = keys.first { !state.handedOut.contains($0) }
            if let first { state.handedOut.insert(first) }
            return first
        }
    }

    func markHandedOut(_ key: BackendReference) { state.withLock { _ = $0.handedOut.insert(key) } }

    // MARK: Waiting

    func signal() {
        for observer in state.withLock({ Array($0.observers.values) }) { observer.yield() }
    }

    /// Looks until there is something to see, whenever something has changed.
    ///
    /// - Parameter look: What is waited for; nil where it is not there.
    /// - Returns: nil if it was not there in time, or the task was cancelled.
    func wait<Value>(
        _ look: () async throws(TestServerError) -> Value?
    ) async throws(TestServerError) -> Value? {
        let (signals, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextNumber += 1
            state.observers[state.nextNumber] = continuation
            return state.nextNumber
        }
        let patience = patience
        let timer = Task {
            if (try? await Task.sleep(for: patience)) != nil { continuation.finish() }
        }
        defer {
            timer.cancel()
            state.withLock { _ = $0.observers.removeValue(forKey: number) }
        }
        if let value = try await look() { return value }
        for await _ in signals {
            if let value = try await look() { return value }
        }
        return try await look()
    }

    // MARK: Playing

    /// Does a job as its script or its test says.
    func play(
        _ job: InProcessExecutor.Job, _ say: InProcessExecutor.ReportLine
    ) async -> InProcessExecutor.End {
        let mailbox = Mailbox()
        let script = state.withLock { state in
            state.mailboxes[job.key] = mailbox
            return state.scripts[job.key.family]?.play
        }
        signal()
        let performance = script.map { script in
            Task {
                let ending: Mailbox.Ending
                do {
                    try await script(await handle(job.key))
                    ending = .succeeded([:])
                } catch {
                    ending = .failed("the script of the job threw: \(error)")
                }
                // Where the script has ended the job this comes too late, and changes nothing.
                _ = await mailbox.perform(.end(ending))
            }
        }
        let end = await follow(mailbox, job, say)
        performance?.cancel()
        state.withLock { state in
            state.mailboxes[job.key] = nil
            state.released.remove(job.key)
        }
        mailbox.close()
        return end
    }

    /// The job of a key, as tests and scripts have it.
    func handle(_ key: BackendReference) async throws(TestServerError) -> TestJob {
        guard let job = try await summary(key) else {
            throw TestServerError(.noJob, "there is no \(key.family.rawValue) job \(key.id) any more")
        }
        return TestJob(job, on: self)
    }

    func summary(_ key: BackendReference) async throws(TestServerError) -> JobSummary? {
        let backend = try backend
        do {
            return try await backend.job(key)
        } catch {
            throw TestServerError(.environment, "the jobs cannot be read", cause: error)
        }
    }

    private func follow(
        _ mailbox: Mailbox, _ job: InProcessExecutor.Job, _ say: InProcessExecutor.ReportLine
    ) async -> InProcessExecutor.End {
        while let step = await mailbox.next() {
            do throws(TestServerError) {
                let end = try perform(step.action, job, say)
                step.done(nil)
                if let end { return end }
            } catch {
                step.done(error)
            }
        }
        return .failed("the test server was stopped")
    }

    private func perform(
        _ action: Mailbox.Action, _ job: InProcessExecutor.Job, _ say: InProcessExecutor.ReportLine
    ) throws(TestServerError) -> InProcessExecutor.End? {
        switch action {
        case .report(let line):
            guard say(line) else { throw TestServerError(.jobState, "the job cannot report \(line)") }
        case .write(let text, let name): try JobOutput(job.output).write(text, to: name)
        case .end(.failed(let message)): return .failed(message)
        case .end(.succeeded(let files)):
            let output = JobOutput(job.output)
            for (name, text) in files { try output.write(text, to: name) }
            try output.complete(job, say)
            return .succeeded
        case .end(.partial(let unprocessed)):
            try JobOutput(job.output).complete(job, leavingOut: unprocessed, say)
            return .succeeded
        }
        return nil
    }
}
