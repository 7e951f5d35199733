internal import ArgumentParser
internal import Jobline
internal import Synchronization

/// Implements `joblinectl wait`.
struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until jobs have ended; the exit status tells whether all succeeded.",
        discussion: """
            Prints each job when it ends; on a terminal, shows the progress of the others. A job succeeded if its \
            status is COMPLETED, ACTIVE or SUCCEEDED; any other, including PARTIAL_SUCCESS, results in exit status \
            1. Jobs that do not exist are reported immediately. Without --timeout there is no time limit, and \
            joblined can be restarted during the wait; the command fails if joblined is unreachable for 5 minutes.

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
                try checkOutcomes(ended)
            }
        }
    }

    /// Waits for the jobs, and prints each at its end.
    private func wait(_ references: [JobReference], _ client: JoblineClient) async throws -> [Job] {
        let screen = Terminal.isError ? WaitScreen(references) : nil
        let ended = Mutex<[Job]>([])
        // Failure to print a job; reported after the wait, because the handler cannot throw.
        let failure = Mutex<(any Error)?>(nil)
        let work: @Sendable () async throws -> Void = {
            let jobs = try await client.waitUntilTerminal(references, options: CallOptions(timeout: common.callTimeout))
            {
                job in
                screen?.note(job)
                guard job.state.isTerminal else { return }
                do {
                    if let screen { try screen.printing { try report(job) } } else { try report(job) }
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

    /// Prints an ended job, or that it does not exist.
    private func report(_ job: Job) throws {
        if job.state == .gone {
            Terminal.note(
                Terminal.plain("joblinectl: job \(job.reference) does not exist, or has expired"))
        }
        if output.isJSON {
            try Terminal.line(JobLine(job).text)
        } else if job.state != .gone {
            try Terminal.line(Self.ending(job))
        }
    }

    /// Throws unless all jobs succeeded.
    private func checkOutcomes(_ jobs: [Job]) throws {
        let gone = jobs.filter { $0.state == .gone }
        if !gone.isEmpty { throw CommandFailure(message: nil, status: .notFound) }
        let failed = jobs.count { $0.state != .succeeded }
        guard failed > 0 else { return }
        throw CommandFailure(
            message: "\(failed) \(failed == 1 ? "job" : "jobs") of \(jobs.count) did not succeed", status: .jobFailed)
    }

    private static func ending(_ job: Job) -> String {
        Terminal.plain(
            [job.reference.description, job.statusText, job.message ?? ""].filter { !$0.isEmpty }.joined(
                separator: "  "))
    }
}
