internal import ArgumentParser
internal import Jobline

/// Jobs that a command applies to.
struct JobOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("References of jobs, or FAMILY JOB...; see above.", valueName: "job"),
        completion: .custom(Completion.jobs))
    var words: [String]

    @Option(help: "Workflow of Matching or IdMapping jobs given as FAMILY JOB.")
    var workflow: String?

    func validate() throws { _ = try references() }

    /// Returns the jobs as given.
    func references() throws -> [JobReference] { try JobReference.read(words, workflow: workflow) }

    /// Returns the jobs with names resolved to ARNs; an unknown name is kept.
    func references(_ client: JoblineClient) async throws -> [JobReference] {
        var resolved: [JobReference] = []
        for reference in try references() { resolved.append(try await reference.resolved(by: client)) }
        return resolved
    }

    /// Calls `body` with each job; continues with the next one if the daemon refuses a job.
    ///
    /// - Throws: Errors that affect all calls, such as a lost connection, immediately. At the end, ``CommandFailure``
    ///   with the status of the first failure; failures are printed to standard error. A job that had already ended
    ///   only counts if there is no other failure.
    func each(_ client: JoblineClient, _ body: (JobReference) async throws -> Void) async throws {
        let references = try references()
        var status: ExitStatus?
        func fail(_ new: ExitStatus) { if status == nil || status == .ended { status = new } }
        for reference in references {
            do {
                let resolved = try await reference.resolved(by: client)
                guard !resolved.isName else {
                    throw CommandFailure(
                        message: "no job of \(reference.family.rawValue) is named '\(reference.id)'", status: .notFound)
                }
                try await body(resolved)
            } catch let failure as CommandFailure {
                if let message = failure.message { Terminal.note("joblinectl: \(Terminal.plain(message))") }
                fail(failure.status)
            } catch let error as JoblineError where error.isAboutOneJob {
                let text = error.explanation
                let name = text.contains(reference.id) ? "" : Terminal.plain("\(reference.fullName): ")
                Terminal.note("joblinectl: \(name)\(text)")
                fail(ExitStatus(error.code))
            }
        }
        if let status { throw CommandFailure(message: nil, status: status) }
    }

    /// Description of how to name jobs, for the help.
    static let explanation = """
        A job is given by its reference, as joblinectl start prints it: FAMILY/ID; for Matching and IdMapping \
        FAMILY/WORKFLOW/ID; for BatchSegment and BatchInference FAMILY/NAME or FAMILY/ARN. The family of several \
        jobs can be given once, before them: FAMILY JOB...
        """
}

extension JoblineError {
    /// Whether the error concerns this job alone, so that calls for other jobs can succeed.
    var isAboutOneJob: Bool {
        switch code {
        case .notFound, .invalid, .refused, .forbidden, .conflict, .replyTooLarge, .server, .decoding: true
        default: false
        }
    }
}

extension Collection<JobReference> {
    /// Function that returns the displayed name of a job; it contains the family only if there are several.
    var displayNames: @Sendable (JobReference) -> String {
        if Set(map(\.family)).count > 1 { return { $0.fullName } }
        return { $0.shortName }
    }
}
