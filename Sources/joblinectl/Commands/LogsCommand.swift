internal import ArgumentParser
internal import Jobline
internal import NIOCore

/// Implements `joblinectl logs`.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the standard error output of jobs.",
        discussion: """
            Shows the last 64 KiB of output of the executor of each job, until the job expires. Requires the right \
            to write, because the output can contain sensitive text.

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
                    if log.truncated { Terminal.note("joblinectl: earlier output was discarded") }
                    try Terminal.line(Self.text(log.text))
                }
            }
        }
    }

    /// Returns the log without control characters.
    static func text(_ log: String) -> String {
        var lines = log.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { Terminal.plain(String($0)) }.joined(separator: "\n")
    }
}
