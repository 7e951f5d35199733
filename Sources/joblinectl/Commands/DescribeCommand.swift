internal import ArgumentParser
internal import Jobline

/// Implements `joblinectl describe`.
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show all details of jobs.",
        discussion: """
            \(JobOptions.explanation)

            Jobs that do not exist are reported on standard error, and the others are shown; the exit status is that \
            of the first failure. \(JobLine.explanation)

            For example:
              joblinectl describe RxNormInference/0123456789abcdef0123456789abcdef
              joblinectl describe Matching/people/0123456789abcdef0123456789abcdef
              joblinectl describe BatchSegment nightly weekly
              joblinectl describe BatchSegment/nightly BatchInference/nightly -o json
            """)

    @OptionGroup var jobs: JobOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var times: TimeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.withClient { client in
            var isFirst = true
            try await jobs.each(client) { reference in
                let job = try await client.job(reference)
                if !isFirst, !output.isJSON { try Terminal.line("") }
                try Terminal.line(output.isJSON ? JobLine(job).text : job.record(times.format).text)
                isFirst = false
            }
        }
    }
}
