internal import ArgumentParser
internal import Jobline

/// `joblinectl start`
struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start a job and print its reference, which all other commands take.",
        discussion: """
            One of each kind:
            \(Family.examples)

            Starting again with the same --token, which Amazon Comprehend Medical has, starts nothing new and prints the same \
            job. Where it is not certain whether a job was started, the message has the token that was used. A workflow is made \
            with joblinectl call, whose help shows how. \(JobLine.explanation) start adds the token.
            """)

    @Argument(help: ArgumentHelp("The kind of job.", valueName: "family"), completion: .list(Family.all.map(\.name)))
    var familyName: String

    @Argument(help: "The workflow of a Matching or IdMapping job.")
    var workflow: String?

    @Option(help: ArgumentHelp("What the job reads.", valueName: "s3://bucket/key"))
    var input: String?

    @Option(help: ArgumentHelp("Where the results go.", valueName: "s3://bucket/key"))
    var output: String?

    @Option(help: "A name for the job; BatchSegment and BatchInference need one that is not taken.")
    var name: String?

    @Option(help: ArgumentHelp("The role of the job; \(StartArguments.defaultRole) by default.", valueName: "arn"))
    var role: String?

    @Option(help: "Makes a repeated start harmless; random by default.")
    var token: String?

    @Option(help: ArgumentHelp("The key that encrypts the results.", valueName: "key"))
    var kmsKey: String?

    @Option(help: ArgumentHelp("The trained model of a BatchSegment or BatchInference job.", valueName: "arn"))
    var solution: String?

    @Option(help: ArgumentHelp("The filter of a BatchSegment or BatchInference job.", valueName: "arn"))
    var filter: String?

    @Option(
        help: ArgumentHelp("Users an item, for BatchSegment; items a line, for BatchInference.", valueName: "number"))
    var numResults: Int?

    @Option(help: ArgumentHelp("BATCH, INCREMENTAL or DELETE_ONLY, for an IdMapping job.", valueName: "type"))
    var jobType: String?

    @Option(
        name: .customShort("o"),
        help: ArgumentHelp(
            "As --output of the other commands; here that is where the results go.", valueName: "table|json"))
    var format: OutputFormat?

    @Flag(help: "The same as -o json.")
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
                "--output: is where the results go, as s3://BUCKET/KEY; for \(format) write -o \(format)")
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
                // The job is there, whatever becomes of the question how far it is.
                let job = (try? await client.job(reference)) ?? Job(reference: reference, state: .unknown)
                try Terminal.line(JobLine(job, token: arguments[.token]).text)
                return
            }
            let name = Terminal.plain(reference.description)
            try Terminal.line(name)
            if Terminal.isOutput, Terminal.isError { Terminal.note("follow it with: joblinectl wait \(name)") }
        }
    }

    /// Starts the job; says with which token to try again where it is not certain whether that was done.
    private func start(_ family: Family, _ arguments: StartArguments, _ client: JoblineClient) async throws
        -> JobReference
    {
        do {
            return try await family.start(arguments, client)
        } catch let error as JoblineError {
            guard error.outcomeUnknown, let token = arguments[.token] else { throw error }
            throw CommandFailure(
                message: Terminal.plain(
                    "\(error.explanation); to start one job only, start it again with --token \(token)"),
                status: ExitStatus(error.code))
        }
    }
}
