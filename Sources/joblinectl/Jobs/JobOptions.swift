internal import ArgumentParser
internal import Jobline

/// The jobs that a command is about.
struct JobOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("References of jobs, or FAMILY JOB..., each as below.", valueName: "job"),
        completion: .custom(Completion.jobs))
    var words: [String]

    @Option(help: "The workflow of Matching or IdMapping jobs that are named without it.")
    var workflow: String?

    func validate() throws { _ = try references() }

    /// The jobs as they were typed.
    func references() throws -> [JobReference] { try JobReference.read(words, workflow: workflow) }

    /// The jobs as the services find them; one of Personalize keeps its name where there is none of that name.
    func references(_ client: JoblineClient) async throws -> [JobReference] {
        var resolved: [JobReference] = []
        for reference in try references() { resolved.append(try await reference.resolved(by: client)) }
        return resolved
    }

    /// Calls `body` with each job, one after the other; goes on past those for which the daemon refuses it.
    ///
    /// - Throws: What ends all calls at once, such as a connection that is lost; else, at the end, ``CommandFailure`` with the
    ///   status of the first failure, each of which has been told of on standard error. A job that had already ended is no
    ///   failure beside others.
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

    /// How jobs are named, for the help.
    static let explanation = """
        A job is named by its reference, as joblinectl start prints it: FAMILY/ID, of Matching and IdMapping \
        FAMILY/WORKFLOW/ID, of BatchSegment and BatchInference FAMILY/NAME or FAMILY/ARN. For several jobs of one family \
        its name may stand once, before them: FAMILY JOB...
        """
}

extension JoblineError {
    /// True if the daemon refused the call for what it asks, so that the call for another job may succeed.
    var isAboutOneJob: Bool {
        switch code {
        case .notFound, .invalid, .refused, .forbidden, .conflict, .replyTooLarge, .server, .decoding: true
        default: false
        }
    }
}

extension Collection<JobReference> {
    /// The name of each job on a screen: with the family only where there are several.
    var naming: @Sendable (JobReference) -> String {
        if Set(map(\.family)).count > 1 { return { $0.fullName } }
        return { $0.shortName }
    }
}
