public import Jobline
internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol

/// A job of a ``TestServer``, whose part as executor the test takes.
///
/// A job waits in its queue until the test runs it, unless there is a script for its kind:
///
/// ```swift
/// let job = try await jobline.job(started)
/// try await job.run()
/// try await job.report(progress: 0.5)
/// try await job.succeed()
/// ```
///
/// When a step returns, clients see what came of it.
public struct TestJob: Sendable {
    /// The kind of job.
    public let family: Jobline.JobFamily
    /// The job's id; of Personalize its ARN.
    public let id: String
    /// The workflow that it is a run of; nil for kinds without workflows.
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

    /// What clients find the job with, to watch it for example.
    public var reference: Jobline.JobReference { Jobline.JobReference(family: family, id: id, workflow: workflow) }

    /// How far the job is, in the words that hold for all services.
    public var state: Jobline.JobState {
        get async throws(TestServerError) { try await stage.summary(key)?.state ?? .gone }
    }

    /// How far the job is, as its service spells it; nil if it has expired.
    public var status: String? {
        get async throws(TestServerError) { try await stage.summary(key)?.status }
    }

    /// Waits until the job is in a state, or has ended in another one.
    ///
    /// - Throws: ``TestServerError`` if it does not come there.
    public func waitUntil(_ state: Jobline.JobState) async throws(TestServerError) {
        _ = try await reach("become \(state.rawValue)") { $0 == state }
    }
}

// MARK: - Steps

extension TestJob {
    /// Lets the job leave its queue: SUBMITTED becomes IN_PROGRESS. One that runs already goes on.
    ///
    /// - Throws: ``TestServerError`` if it has ended, or others of its kind have to end first.
    public func run() async throws(TestServerError) {
        _ = try await mailbox()
    }

    /// Tells how much of the work is done, which clients that watch the job see. Runs the job if it waits.
    ///
    /// - Parameter progress: The part that is done, from 0 to 1.
    public func report(progress: Double) async throws(TestServerError) {
        guard (0...1).contains(progress) else {
            throw TestServerError(.jobState, "a progress of \(progress) makes no sense: 0 to 1 is expected")
        }
        try await perform(.report(Line.progress(progress)))
    }

    /// Gives the job the message that it shows where it ends with one. Runs the job if it waits.
    public func report(message: String) async throws(TestServerError) {
        try await perform(.report(Line.message(message)))
    }

    /// Gives a matching job its numbers, shown when it has succeeded. Runs the job if it waits.
    public func report(metrics: EntityResolution.JobMetrics) async throws(TestServerError) {
        try await perform(.report(Line.metrics(metrics)))
    }

    /// Gives an ID mapping job its numbers, shown when it has succeeded. Runs the job if it waits.
    public func report(metrics: EntityResolution.IdMappingJobMetrics) async throws(TestServerError) {
        try await perform(.report(Line.metrics(metrics)))
    }

    /// Writes a file of the job's output, which is there for others when the job has succeeded. Runs the job if it waits.
    ///
    /// - Parameters:
    ///   - text: Its content.
    ///   - name: Its path in the output directory, such as `a.txt.out`.
    public func write(_ text: String, to name: String) async throws(TestServerError) {
        try await perform(.write(text, name: name))
    }

    /// Ends the job with success. Runs it if it waits.
    ///
    /// - Parameter output: Files of its output, by their paths in the output directory. Of Comprehend Medical jobs each input file
    ///   NAME has an output file `NAME.out`; those not given hold `{}`.
    public func succeed(output: [String: String] = [:]) async throws(TestServerError) {
        try await end(.succeeded(output))
    }

    /// Ends a job of Comprehend Medical as PARTIAL_SUCCESS. Runs it if it waits.
    ///
    /// - Parameter unprocessed: The input files that are left out, and why; by default the last one. One has to be left.
    public func partial(unprocessed: [String: String] = [:]) async throws(TestServerError) {
        guard key.family.service == .comprehendMedical else {
            throw TestServerError(
                .jobState, "\(name) cannot end so: only jobs of Comprehend Medical have a partial success")
        }
        try await end(.partial(unprocessed))
    }

    /// Ends the job as failed. Runs it if it waits.
    ///
    /// - Parameter message: Why, as the service shows it.
    public func fail(_ message: String) async throws(TestServerError) {
        try await end(.failed(message))
    }

    /// What the job has published: texts by their names in its output directory; nothing before it has ended.
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

// MARK: - How steps are taken

extension TestJob {
    private var name: String { "\(family.rawValue) job \(id)" }

    private func perform(_ action: Mailbox.Action) async throws(TestServerError) {
        if let error = await (try mailbox()).perform(action) { throw await explained(error) }
    }

    private func end(_ ending: Mailbox.Ending) async throws(TestServerError) {
        try await perform(.end(ending))
        _ = try await reach("end") { $0.isTerminal }
    }

    /// Where the running job takes its steps from; the job leaves its queue if it waits.
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
            "\(name) did not begin within \(stage.patience), or the task was cancelled")
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
        throw TestServerError(.timeout, "\(name) did not \(what) within \(stage.patience), or the task was cancelled")
    }

    /// Says of an error which job it is about and how that stands.
    private func explained(_ error: TestServerError) async -> TestServerError {
        let status = (try? await stage.summary(key))?.status ?? "gone"
        return TestServerError(error.code, "\(name) is \(status): \(error.message)", cause: error.cause)
    }
}

extension TestJob: CustomStringConvertible {
    /// Kind and id.
    public var description: String { name }
}
