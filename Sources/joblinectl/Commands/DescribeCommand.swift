internal import ArgumentParser
internal import Jobline

/// `joblinectl describe`
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show everything about one job.",
        discussion: """
            For example:
              joblinectl describe RxNormInference 0123456789abcdef0123456789abcdef
              joblinectl describe BatchSegment nightly
              joblinectl describe Matching people/0123456789abcdef0123456789abcdef
            """)

    @Argument(help: "The kind of job.")
    var family: FamilyArgument

    @Argument(
        help: "The job's id; of BatchSegment and BatchInference its ARN or name, of Matching and IdMapping WORKFLOW/ID."
    )
    var job: String

    @Option(help: "The workflow of a Matching or IdMapping job.")
    var workflow: String?

    @OptionGroup var common: CommonOptions

    func validate() throws { _ = try family.family.reference(job, workflow: workflow) }

    func run() async throws {
        let reference = try family.family.reference(job, workflow: workflow)
        try await common.withClient { client in
            let job = try await family.family.describe(reference, client, options: CallOptions())
            print(common.json ? job.json : job.record.text)
        }
    }
}

extension Job {
    /// Everything that is known of the job, for a person.
    fileprivate var record: Record {
        var record = Record()
        record.add("Job", reference)
        record.add("Name", name)
        record.add("State", state)
        record.add("Started", started?.text)
        record.add("Ended", ended?.text)
        for (name, value) in details { record.add(name, value) }
        record.add("Message", message)
        return record
    }
}
