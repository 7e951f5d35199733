internal import ArgumentParser
internal import Jobline

/// Implements `joblinectl start`.
struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start a job and print its reference, for use with other commands.",
        discussion: """
            An example for each family:
            \(Family.examples)

            A repetition with the same --token (Amazon Comprehend Medical) starts no second job and prints the same \
            reference. If it is unknown whether a job was started, the error contains the token. Workflows are \
            created with joblinectl call; see its help. \(JobLine.explanation) start adds the token.
            """)

    @Argument(help: ArgumentHelp("Family of the job.", valueName: "family"), completion: .list(Family.all.map(\.name)))
    var familyName: String

    @Argument(help: "Workflow of a Matching or IdMapping job.")
    var workflow: String?

    @Option(help: ArgumentHelp("Input of the job.", valueName: "s3://bucket/key"))
    var input: String?

    @Option(help: ArgumentHelp("Location of the results.", valueName: "s3://bucket/key"))
    var output: String?

    @Option(help: "Name of the job; for BatchSegment and BatchInference required and unique.")
    var name: String?

    @Option(help: ArgumentHelp("Role of the job; \(StartArguments.defaultRole) by default.", valueName: "arn"))
    var role: String?

    @Option(help: "Idempotency token of the start; random by default.")
    var token: String?

    @Option(help: ArgumentHelp("Key that encrypts the results.", valueName: "key"))
    var kmsKey: String?

    @Option(help: ArgumentHelp("Trained model of a BatchSegment or BatchInference job.", valueName: "arn"))
    var solution: String?

    @Option(help: ArgumentHelp("Filter of a BatchSegment or BatchInference job.", valueName: "arn"))
    var filter: String?

    @Option(
        help: ArgumentHelp(
            "Users for each item (BatchSegment), or items for each line (BatchInference).", valueName: "number"))
    var numResults: Int?

    @Option(help: ArgumentHelp("Type of an IdMapping job: BATCH, INCREMENTAL or DELETE_ONLY.", valueName: "type"))
    var jobType: String?

    @Option(
        name: .customShort("o"),
        help: ArgumentHelp(
            "Format of the output, like --output of other commands.", valueName: "table|json"))
    var format: OutputFormat?

    @Flag(help: "Short for -o json.")
    var json = false

    @OptionGroup var common: CommonOptions

    private var arguments: StartArguments {
        var values: [StartArgument: String] = [:]
        values[.workflow] = workflow
        values[.input] = input
        values[.output] = output
        values[.name] = name
        values[.role] = role
        values[.token] = token
        values[.kmsKey] = kmsKey
        values[.solution] = solution
        values[.filter] = filter
        values[.numResults] = numResults.map(String.init)
        values[.jobType] = jobType
        return StartArguments(values)
    }

    func validate() throws {
        if let output, let format = OutputFormat(argument: output) {
            throw ValidationError(
                "--output is the location of the results, s3://BUCKET/KEY; use -o \(format) for the format")
        }
        try arguments.check(for: Family(argument: familyName))
    }

    func run() async throws {
        let family = try Family(argument: familyName)
        let isJSON = json || format == .json
        try await common.withClient { client in
            var arguments = arguments
            if family.optional.contains(.token), arguments[.token] == nil { arguments[.token] = client.makeToken() }
            let reference = try await start(family, arguments, client)
            guard !isJSON else {
                // The job exists, even if its state cannot be read.
                let job = (try? await client.job(reference)) ?? Job(reference: reference, state: .unknown)
                try Terminal.line(JobLine(job, token: arguments[.token]).text)
                return
            }
            let name = Terminal.plain(reference.description)
            try Terminal.line(name)
            if Terminal.isOutput, Terminal.isError { Terminal.note("wait for it with: joblinectl wait \(name)") }
        }
    }

    /// Starts the job. If the outcome is unknown, the error contains the token to retry with.
    private func start(_ family: Family, _ arguments: StartArguments, _ client: JoblineClient) async throws
        -> JobReference
    {
        do {
            return try await family.start(arguments, client)
        } catch let error as JoblineError {
            guard error.outcomeUnknown, let token = arguments[.token] else { throw error }
            throw CommandFailure(
                message: Terminal.plain(
                    "\(error.explanation); to start only one job, retry with --token \(token)"),
                status: ExitStatus(error.code))
        }
    }
}
