internal import ArgumentParser
internal import Jobline
internal import NIOCore

/// `joblinectl logs`
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what the executors of jobs wrote to standard error.",
        discussion: """
            Shows the last 64 KiB of each job, while it runs and after its end, for as long as the job is kept. Takes the right \
            to write, since an executor may write anything there.

            \(JobOptions.explanation)

            For example:
              joblinectl logs RxNormInference 0123456789abcdef0123456789abcdef
              joblinectl logs Matching people/0123456789abcdef0123456789abcdef
            """)

    @OptionGroup var jobs: JobOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.withClient { client in
            let references = try await jobs.references(client)
            for reference in references {
                let log = try await client.sidecar.getJobLog(job: reference)
                if output.isJSON {
                    try Terminal.line(String(buffer: log.json()))
                } else {
                    if references.count > 1 { try Terminal.line("==> \(reference.fullName) <==") }
                    if log.truncated { Terminal.note("joblinectl: what was written before this is not kept") }
                    try Terminal.line(Self.text(log.text))
                }
            }
        }
    }

    /// The log as a terminal may show it: line by line, without what would move the cursor.
    static func text(_ log: String) -> String {
        var lines = log.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { Terminal.plain(String($0)) }.joined(separator: "\n")
    }
}
