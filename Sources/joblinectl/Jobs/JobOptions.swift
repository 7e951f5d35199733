internal import ArgumentParser
internal import Jobline

/// The jobs that a command is about.
struct JobOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("FAMILY JOB..., or FAMILY/JOB..., each as below.", valueName: "job"),
        completion: .custom(Completion.jobs))
    var words: [String]

    @Option(help: "The workflow of Matching or IdMapping jobs that are named without it.")
    var workflow: String?

    func validate() throws { _ = try references() }

    private func references() throws -> [JobReference] { try JobReference.read(words, workflow: workflow) }

    /// What the jobs are found with.
    func references(_ client: JoblineClient) async throws -> [JobReference] {
        var resolved: [JobReference] = []
        for reference in try references() { resolved.append(try await reference.resolved(by: client)) }
        return resolved
    }

    /// How jobs are named, for the help.
    static let explanation = """
        A JOB is an id; of BatchSegment and BatchInference an ARN or a name, of Matching and IdMapping WORKFLOW/ID. Jobs of \
        several families are written FAMILY/JOB.
        """
}

extension Collection<JobReference> {
    /// What to call the jobs: with the family only where there are several.
    var naming: @Sendable (JobReference) -> String {
        if Set(map(\.family)).count > 1 { return { $0.fullName } }
        return { $0.shortName }
    }
}
