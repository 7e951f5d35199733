internal import ArgumentParser
internal import Jobline

/// `joblinectl stop`
struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Ask jobs to end before they are done, and print them.",
        discussion: """
            Only Amazon Comprehend Medical can stop jobs. The job's state becomes STOPPED, and its output is its manifests; \
            or COMPLETED, if it was done first. Stopping a job again, or one that has ended, changes nothing.

            For example:
              joblinectl stop RxNormInference 0123456789abcdef0123456789abcdef
            """)

    @OptionGroup var jobs: JobOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        let references = try JobReference.read(jobs.words, workflow: jobs.workflow)
        guard let stuck = references.first(where: { ComprehendMedical.Family(rawValue: $0.family.rawValue) == nil })
        else {
            return
        }
        throw ValidationError(
            "jobs of \(stuck.family.rawValue) cannot be stopped: the service has no call for it")
    }

    func run() async throws {
        try await common.withClient { client in
            for reference in try await jobs.references(client) {
                try await client.stop(reference)
                let name = Terminal.plain(reference.argument)
                try Terminal.line(
                    output.isJSON ? ComprehendMedical.StopJobResponse(jobID: reference.id).text : name)
                if !output.isJSON, Terminal.isOutput, Terminal.isError {
                    Terminal.note("see it end with: joblinectl wait \(reference.family.rawValue) \(name)")
                }
            }
        }
    }
}
