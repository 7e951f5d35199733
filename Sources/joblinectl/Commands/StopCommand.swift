internal import ArgumentParser
internal import Jobline

/// Implements `joblinectl stop`.
struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop jobs and print their references.",
        discussion: """
            Only jobs of Amazon Comprehend Medical can be stopped. The status becomes STOPPED, and the output only \
            contains the manifests; or COMPLETED, if the job ended first.

            A job that has already ended is not changed; it is reported on standard error, and the exit status is 3. \
            Jobs that do not exist are reported, and the others are stopped; the exit status is that of the first \
            such failure. \(JobLine.explanation)

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
            "jobs of \(stuck.family.rawValue) cannot be stopped: the service has no operation for it")
    }

    func run() async throws {
        try await common.withClient { client in
            try await jobs.each(client) { reference in
                // The user can lack the right to read; an invalid request fails in the call to stop.
                var job = (try? await client.job(reference)) ?? Job(reference: reference, state: .unknown)
                let hadEnded = job.state.isTerminal
                if !hadEnded {
                    try await client.stop(reference)
                    job = (try? await client.job(reference)) ?? job
                }
                if output.isJSON { try Terminal.line(JobLine(job).text) }
                // The job can have ended before the request arrived.
                guard !hadEnded, job.state == .stopped || !job.state.isTerminal else {
                    throw CommandFailure(
                        message: "\(reference) had already ended (\(job.statusText))", status: .ended)
                }
                if !output.isJSON { try show(reference) }
            }
        }
    }

    private func show(_ reference: JobReference) throws {
        let name = Terminal.plain(reference.description)
        try Terminal.line(name)
        if Terminal.isOutput, Terminal.isError { Terminal.note("wait for its end with: joblinectl wait \(name)") }
    }
}
