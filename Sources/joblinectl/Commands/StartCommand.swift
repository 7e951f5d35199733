internal import ArgumentParser
internal import Jobline

/// `joblinectl start`
struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start a job and print what describe and wait take.",
        discussion: """
            One of each kind:
            \(Family.examples)

            Starting again with the same --token starts nothing new and prints the same job. A workflow is made with \
            joblinectl call, whose help shows how.
            """)

    @Argument(help: "The kind of job.")
    var family: FamilyArgument

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
        try arguments.check(for: family.family)
    }

    func run() async throws {
        let isJSON = json || format == .json
        try await common.withClient { client in
            let started = try await family.family.start(arguments, client)
            try Terminal.line(isJSON ? started.json : Terminal.plain(started.reference.argument))
            if !isJSON, Terminal.isOutput, Terminal.isError {
                Terminal.note(
                    Terminal.plain(
                        "follow it with: joblinectl wait \(family.family.name) \(started.reference.argument)"))
            }
        }
    }
}
