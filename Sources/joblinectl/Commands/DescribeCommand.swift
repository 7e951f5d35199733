internal import ArgumentParser
internal import Jobline

/// `joblinectl describe`
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show everything about jobs.",
        discussion: """
            \(JobOptions.explanation)

            For example:
              joblinectl describe RxNormInference 0123456789abcdef0123456789abcdef
              joblinectl describe BatchSegment nightly
              joblinectl describe Matching people/0123456789abcdef0123456789abcdef
              joblinectl describe BatchSegment/nightly BatchInference/nightly -o json
            """)

    @OptionGroup var jobs: JobOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.withClient { client in
            var isFirst = true
            for reference in try await jobs.references(client) {
                let job = try await client.job(reference)
                if !isFirst, !output.isJSON { try Terminal.line("") }
                try Terminal.line(output.isJSON ? job.json : job.record.text)
                isFirst = false
            }
        }
    }
}
