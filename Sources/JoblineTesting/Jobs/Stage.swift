internal import LibC
internal import Jobline
internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol
internal import Synchronization

/// Job family of the backend; raw values equal those of the SDK.
typealias Family = JoblineBackend.JobFamily
/// Job reference of the backend, as opposed to that of the SDK.
typealias BackendReference = JoblineBackend.JobReference

/// Executor of all jobs of a test server, driven by scripts and tests.
final class Stage: Sendable {
    private struct State {
        /// nil once the server is stopped.
        var backend: EmbeddedBackend?
        var scripts: [Family: JobScript] = [:]
        /// Held jobs that a test has released.
        var released: Set<BackendReference> = []
        var mailboxes: [BackendReference: Mailbox] = [:]
        /// Jobs that the test has already obtained.
        var handedOut: Set<BackendReference> = []
        /// Continuations of waits for a change.
        var observers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextNumber = 0
    }

    /// Timeout of each wait, in real time.
    let timeout: Duration
    private let state = Mutex(State())

    init(timeout: Duration) { self.timeout = timeout }

    var backend: EmbeddedBackend {
        get throws(TestServerError) {
            guard let backend = state.withLock({ $0.backend }) else {
                throw TestServerError(.stopped, "the test server was stopped")
            }
            return backend
        }
    }

    func open(_ backend: EmbeddedBackend) { state.withLock { $0.backend = backend } }

    /// Releases the backend and ends all waits.
    func close() {
        let observers = state.withLock { state in
            state.backend = nil
            return state.observers.values
        }
        for observer in observers { observer.finish() }
    }

    func setScript(_ script: JobScript, of family: Family) { state.withLock { $0.scripts[family] = script } }

    /// Allows a held job to leave the queue.
    func release(_ key: BackendReference) { state.withLock { _ = $0.released.insert(key) } }

    /// Returns the jobs that may leave the queue, or nil for all.
    func ready(_ family: Family) -> Set<String>? {
        state.withLock { state in
            guard state.scripts[family]?.play == nil else { return nil }
            return Set(state.released.lazy.filter { $0.family == family }.map(\.id))
        }
    }

    /// Returns a running job that must end before another one of the family can start, or nil if there is none.
    func obstacle(_ family: Family) -> BackendReference? {
        state.withLock { state in
            let running = state.mailboxes.keys.filter { $0.family == family }
            return running.count < Self.concurrency(of: family) ? nil : running.first
        }
    }

    /// Concurrency limit of a family: 1 for Entity Resolution, as in the service, and 64 for all others.
    static func concurrency(of family: Family) -> Int { family.service == .entityResolution ? 1 : 64 }

    func mailbox(_ key: BackendReference) -> Mailbox? { state.withLock { $0.mailboxes[key] } }

    /// Marks the first job that was not handed out before, and returns it.
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

    /// Waits for a value and polls it after every change.
    ///
    /// - Parameter look: Returns the value, or nil if it is not available yet.
    /// - Returns: The value, or nil after the timeout or cancellation of the task.
    func wait<Value>(
        _ look: () async throws(TestServerError) -> Value?
    ) async throws(TestServerError) -> Value? {
        let (signals, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextNumber += 1
            state.observers[state.nextNumber] = continuation
            return state.nextNumber
        }
        let timeout = timeout
        let timer = Task {
            if (try? await Task.sleep(for: timeout)) != nil { continuation.finish() }
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

    /// Runs a job as directed by its script or its test.
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
                // Has no effect if the script has already ended the job.
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

    /// Returns the handle of a job for tests and scripts.
    func handle(_ key: BackendReference) async throws(TestServerError) -> TestJob {
        guard let job = try await summary(key) else {
            throw TestServerError(.noJob, "the \(key.family.rawValue) job \(key.id) no longer exists")
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
