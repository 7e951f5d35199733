internal import ArgumentParser
internal import Jobline

/// `joblinectl stop`
struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Ask a job to end before it is done, and print it.",
        discussion: """
            Only Amazon Comprehend Medical can stop jobs. The job's state becomes STOPPED, and its output is its manifests; \
            or COMPLETED, if it was done first. Stopping a job again, or one that has ended, changes nothing.

            For example:
              joblinectl stop RxNormInference 0123456789abcdef0123456789abcdef
            """)

    @Argument(help: "The kind of job.")
    var family: FamilyArgument

    @Argument(help: "The job's id.")
    var job: String

    @OptionGroup var common: CommonOptions

    func validate() throws { _ = try stop() }

    private func stop() throws -> StopCall {
        guard let stop = family.family.stop else {
            throw ValidationError("jobs of \(family.family.name) cannot be stopped: the service has no call for it")
        }
        return stop
    }

    func run() async throws {
        let stop = try stop()
        let reference = try family.family.reference(job, workflow: nil)
        try await common.withClient { client in
            let answer = try await stop(reference, client)
            print(common.json ? answer : Terminal.plain(job))
            if !common.json, Terminal.isOutput, Terminal.isError {
                Terminal.note("see it end with: joblinectl wait \(family.family.name) \(Terminal.plain(job))")
            }
        }
    }
}
