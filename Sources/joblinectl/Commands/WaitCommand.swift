internal import ArgumentParser
internal import Jobline
internal import Synchronization

/// `joblinectl wait`
struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until jobs have ended; the exit status says whether all ended well.",
        discussion: """
            Prints each job when it has ended; a terminal shows how far the others are. Ended well is COMPLETED, ACTIVE or \
            SUCCEEDED; anything else, PARTIAL_SUCCESS included, ends with exit status 1. A job that is not there is told of at \
            once, and the others are waited for. Without --timeout it waits as long as the jobs take and outlasts restarts of \
            joblined; only if none answers for five minutes it gives up.

            \(JobOptions.explanation)

            \(JobLine.explanation)

            For example:
              job=$(joblinectl start RxNormInference --input s3://notes/ --output s3://out/)
              joblinectl wait "$job" --timeout 600 && echo done
              joblinectl wait RxNormInference/1f Matching/people/2f
            """)

    @OptionGroup var jobs: JobOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await Interruption.interruptible {
            try await common.withClient(waitsForDaemon: true) { client in
                let references = try await jobs.references(client)
                let ended = try await wait(references, client)
                try judge(ended)
            }
        }
    }

    /// Waits, and prints the jobs as they end.
    private func wait(_ references: [JobReference], _ client: JoblineClient) async throws -> [Job] {
        let screen = Terminal.isError ? WaitScreen(references) : nil
        let ended = Mutex<[Job]>([])
        // What could not be printed; a job that is told of cannot end the wait.
        let failure = Mutex<(any Error)?>(nil)
        let work: @Sendable () async throws -> Void = {
            let jobs = try await client.waitUntilTerminal(references, options: CallOptions(timeout: common.patience)) {
                job in
                screen?.note(job)
                guard job.state.isTerminal else { return }
                do {
                    if let screen { try screen.printing { try tell(job) } } else { try tell(job) }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
            ended.withLock { $0 = jobs }
        }
        if let screen { try await screen.drawing(work) } else { try await work() }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return ended.withLock { $0 }
    }

    /// Tells how a job has ended, or that it is not there.
    private func tell(_ job: Job) throws {
        if job.state == .gone {
            Terminal.note(
                Terminal.plain("joblinectl: there is no job \(job.reference), or what was known of it has expired"))
        }
        if output.isJSON {
            try Terminal.line(JobLine(job).text)
        } else if job.state != .gone {
            try Terminal.line(Self.ending(job))
        }
    }

    /// Fails unless all jobs ended well.
    private func judge(_ jobs: [Job]) throws {
        let gone = jobs.filter { $0.state == .gone }
        if !gone.isEmpty { throw CommandFailure(message: nil, status: .notFound) }
        let failed = jobs.count { $0.state != .succeeded }
        guard failed > 0 else { return }
        throw CommandFailure(
            message: "\(failed) \(failed == 1 ? "job" : "jobs") of \(jobs.count) did not end well", status: .jobFailed)
    }

    private static func ending(_ job: Job) -> String {
        Terminal.plain(
            [job.reference.description, job.word, job.message ?? ""].filter { !$0.isEmpty }.joined(separator: "  "))
    }
}
