public import Jobline
internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol

/// A job of a ``TestServer``, executed by the test.
///
/// A job waits in the queue until the test runs it, unless its family has a script:
///
/// ```swift
/// let job = try await jobline.job(started)
/// try await job.run()
/// try await job.report(progress: 0.5)
/// try await job.succeed()
/// ```
///
/// The effect of a step is visible to clients when the step returns.
public struct TestJob: Sendable {
    /// Family of the job.
    public let family: Jobline.JobFamily
    /// ID of the job; its ARN for Personalize.
    public let id: String
    /// Workflow of the job; nil for families without workflows.
    public let workflow: String?
    let key: BackendReference
    private let stage: Stage

    init(_ job: JobSummary, on stage: Stage) {
        family = Jobline.JobFamily(rawValue: job.key.family.rawValue)
        id = job.key.id
        workflow = job.workflow
        key = job.key
        self.stage = stage
    }

    /// Reference with which clients describe or watch the job.
    public var reference: Jobline.JobReference { Jobline.JobReference(family: family, id: id, workflow: workflow) }

    /// Current state, common to all services.
    public var state: Jobline.JobState {
        get async throws(TestServerError) { try await stage.summary(key)?.state ?? .gone }
    }

    /// Current status as spelled by the service; nil if the job has expired.
    public var status: String? {
        get async throws(TestServerError) { try await stage.summary(key)?.status }
    }

    /// Waits until the job reaches a state.
    ///
    /// - Throws: ``TestServerError`` if the job ends in another state, or on timeout.
    public func waitUntil(_ state: Jobline.JobState) async throws(TestServerError) {
        _ = try await reach("become \(state.rawValue)") { $0 == state }
    }
}

// MARK: - Steps

extension TestJob {
    /// Starts a queued job: SUBMITTED becomes IN_PROGRESS. Has no effect on a running job.
    ///
    /// - Throws: ``TestServerError`` if the job has ended, or the concurrency limit of its family is reached.
    public func run() async throws(TestServerError) {
        _ = try await mailbox()
    }

    /// Reports progress to clients that watch the job. Starts a queued job.
    ///
    /// - Parameter progress: Completed fraction, from 0 to 1.
    public func report(progress: Double) async throws(TestServerError) {
        guard (0...1).contains(progress) else {
            throw TestServerError(.jobState, "progress \(progress) is out of range: use 0 to 1")
        }
        try await perform(.report(Line.progress(progress)))
    }

    /// Sets the message that the job shows when it ends. Starts a queued job.
    public func report(message: String) async throws(TestServerError) {
        try await perform(.report(Line.message(message)))
    }

    /// Sets the metrics of a matching job, shown once it has succeeded. Starts a queued job.
    public func report(metrics: EntityResolution.JobMetrics) async throws(TestServerError) {
        try await perform(.report(Line.metrics(metrics)))
    }

    /// Sets the metrics of an ID mapping job, shown once it has succeeded. Starts a queued job.
    public func report(metrics: EntityResolution.IdMappingJobMetrics) async throws(TestServerError) {
        try await perform(.report(Line.metrics(metrics)))
    }

    /// Writes an output file, published once the job has succeeded. Starts a queued job.
    ///
    /// - Parameters:
    ///   - text: Content of the file.
    ///   - name: Path in the output directory, such as `a.txt.out`.
    public func write(_ text: String, to name: String) async throws(TestServerError) {
        try await perform(.write(text, name: name))
    }

    /// Ends the job with success. Starts a queued job.
    ///
    /// - Parameter output: Output files by their paths in the output directory. For Comprehend Medical, each input file NAME
    ///   has an output file `NAME.out`; missing ones are written with the content `{}`.
    public func succeed(output: [String: String] = [:]) async throws(TestServerError) {
        try await end(.succeeded(output))
    }

    /// Ends a job of Comprehend Medical as PARTIAL_SUCCESS. Starts a queued job.
    ///
    /// - Parameter unprocessed: Reasons of unprocessed input files, by file name; the last file by default. At least one
    ///   input file must remain processed.
    public func partial(unprocessed: [String: String] = [:]) async throws(TestServerError) {
        guard key.family.service == .comprehendMedical else {
            throw TestServerError(
                .jobState, "\(name) cannot end as a partial success: only jobs of Comprehend Medical can")
        }
        try await end(.partial(unprocessed))
    }

    /// Ends the job as failed. Starts a queued job.
    ///
    /// - Parameter message: Reason of the failure, shown by the service.
    public func fail(_ message: String) async throws(TestServerError) {
        try await end(.failed(message))
    }

    /// Returns the published output files by their paths in the output directory. Empty until the job has ended.
    public func output() async throws(TestServerError) -> [String: String] {
        guard let summary = try await stage.summary(key) else { return [:] }
        let backend = try stage.backend
        do {
            let place = summary.output.hasSuffix("/") ? summary.output : summary.output + "/"
            var files: [String: String] = [:]
            for uri in try backend.objects(below: place) {
                files[String(uri.dropFirst(place.count))] = try backend.object(at: uri)
                    .map { String(decoding: $0, as: UTF8.self) }
            }
            return files
        } catch {
            throw TestServerError(.object, "the output of \(name) cannot be read", cause: error)
        }
    }
}

// MARK: - Running steps

extension TestJob {
    private var name: String { "\(family.rawValue) job \(id)" }

    private func perform(_ action: Mailbox.Action) async throws(TestServerError) {
        if let error = await (try mailbox()).perform(action) { throw await explained(error) }
    }

    private func end(_ ending: Mailbox.Ending) async throws(TestServerError) {
        try await perform(.end(ending))
        _ = try await reach("end") { $0.isTerminal }
    }

    /// Returns the mailbox of the running job. Starts a queued job.
    private func mailbox() async throws(TestServerError) -> Mailbox {
        if let mailbox = stage.mailbox(key) { return mailbox }
        let backend = try stage.backend
        if let other = stage.obstacle(key.family), other != key {
            throw await explained(
                TestServerError(
                    .jobState,
                    "\(other.id) runs, and has to end first: of its kind \(Stage.concurrency(of: key.family)) run at a time"
                ))
        }
        stage.release(key)
        backend.wake(key.family)
        let key = key
        let stage = stage
        let found = try await stage.wait { () async throws(TestServerError) -> Mailbox? in
            if let mailbox = stage.mailbox(key) { return mailbox }
            let state = try await stage.summary(key)?.state ?? .gone
            guard !state.isTerminal else {
                throw await explained(TestServerError(.jobState, "it does not run"))
            }
            return nil
        }
        if let found { return found }
        throw TestServerError(
            .timeout,
            "\(name) did not start within \(stage.timeout), or the task was cancelled")
    }

    private func reach(
        _ what: String, _ isReached: (Jobline.JobState) -> Bool
    ) async throws(TestServerError) -> Jobline.JobState {
        let key = key
        let stage = stage
        let reached = try await stage.wait { () async throws(TestServerError) -> Jobline.JobState? in
            let state = try await stage.summary(key)?.state ?? .gone
            if isReached(state) { return state }
            if state.isTerminal { throw await explained(TestServerError(.jobState, "it did not \(what)")) }
            return nil
        }
        if let reached { return reached }
        throw TestServerError(.timeout, "\(name) did not \(what) within \(stage.timeout), or the task was cancelled")
    }

    /// Adds the job and its current status to an error message.
    private func explained(_ error: TestServerError) async -> TestServerError {
        let status = (try? await stage.summary(key))?.status ?? "gone"
        return TestServerError(error.code, "\(name) is \(status): \(error.message)", cause: error.cause)
    }
}

extension TestJob: CustomStringConvertible {
    /// Family and ID of the job.
    public var description: String { name }
}
