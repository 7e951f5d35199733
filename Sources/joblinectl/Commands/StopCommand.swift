internal import ArgumentParser
internal import Jobline

/// `joblinectl stop`
struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Ask jobs to end before they are done, and print them.",
        discussion: """
            Only Amazon Comprehend Medical can stop jobs. The job's state becomes STOPPED, and its output is its manifests; \
            or COMPLETED, if it was done first.

            A job that has already ended stays as it is; standard error says so, and the exit status is 3. A job that is not \
            there is told of, too, and the others are stopped; the exit status is that of the first such failure. \
            \(JobLine.explanation)

            For example:
              joblinectl stop RxNormInference/0123456789abcdef0123456789abcdef
              joblinectl stop RxNormInference/1f PHIDetection/2f
            """)

    @OptionGroup var jobs: JobOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        let references = try jobs.references()
        guard let stuck = references.first(where: { ComprehendMedical.Family(rawValue: $0.family.rawValue) == nil })
        else {
            return
        }
        throw ValidationError(
            "jobs of \(stuck.family.rawValue) cannot be stopped: the service has no call for it")
    }

    func run() async throws {
        try await common.withClient { client in
            try await jobs.each(client) { reference in
                // Who may write need not be one who may read; what is wrong with the request, the stop says.
                var job = (try? await client.job(reference)) ?? Job(reference: reference, state: .unknown)
                let hadEnded = job.state.isTerminal
                if !hadEnded {
                    try await client.stop(reference)
                    job = (try? await client.job(reference)) ?? job
                }
                if output.isJSON { try Terminal.line(JobLine(job).text) }
                // It may have ended by itself before the request came.
                guard !hadEnded, job.state == .stopped || !job.state.isTerminal else {
                    throw CommandFailure(
                        message: "\(reference) had already ended (\(job.word)) and stays as it is", status: .ended)
                }
                if !output.isJSON { try show(reference) }
            }
        }
    }

    private func show(_ reference: JobReference) throws {
        let name = Terminal.plain(reference.description)
        try Terminal.line(name)
        if Terminal.isOutput, Terminal.isError { Terminal.note("see it end with: joblinectl wait \(name)") }
    }
}
