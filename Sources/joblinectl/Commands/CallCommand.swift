internal import ArgumentParser
internal import Glibc
internal import Jobline

/// Implements `joblinectl call`.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call a method and print its result.",
        discussion: """
            Prints indented JSON, or with -o json JSON on one line. joblinectl methods lists the methods; \
            deploy/samples/workflows contains example workflows. The daemon ignores unknown parameters; joblinectl \
            prints a warning for them to standard error.

            For example:
              joblinectl call rpc.ping
              joblinectl call Personalize.ListBatchSegmentJobs '{"maxResults":5}'
              joblinectl call EntityResolution.CreateMatchingWorkflow - < people.json
              joblinectl call EntityResolution.CreateIdMappingWorkflow - < subscribers.json
              joblinectl call EntityResolution.DeleteMatchingWorkflow '{"workflowName":"w"}'
            """)

    @Argument(help: "Method, as Service.Operation.", completion: .list(Completion.methods))
    var method: String

    @Argument(help: "Parameters as one JSON object; - reads them from standard input.")
    var parameters = "{}"

    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    /// Maximum bytes read from standard input, more than any daemon accepts.
    private static let maximumInput = 8 << 20

    func run() async throws {
        let json = parameters == "-" ? try Self.standardInput() : parameters
        try await common.withClient { client in
            await warn(of: json, client)
            do {
                let result = try await client.call(method, json: json)
                try Terminal.line(output.isJSON ? result : JSONLayout.indented(result))
            } catch let error as JoblineError where error.code == .methodNotFound {
                let advice = Spelling.suggestion(method, Completion.methods)
                throw CommandFailure(message: error.explanation + advice, status: ExitStatus(error.code))
            }
        }
    }

    /// Warns of parameters that are not in the daemon's contract. Ignores a failure to fetch the contract, because the
    /// call itself will report it.
    private func warn(of json: String, _ client: JoblineClient) async {
        guard let parameters = JSONDocument(json).flatMap(JSONNode.init), !parameters.isEmpty,
            let contract = (try? await client.discover()).flatMap(Contract.init)
        else { return }
        for warning in contract.warnings(of: parameters, for: method) {
            Terminal.note(Terminal.plain("joblinectl: \(warning)"))
        }
    }

    private static func standardInput() throws -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure(message: "cannot read standard input", status: .refused)
            }
            if count == 0 { break }
            bytes += chunk.prefix(count)
            guard bytes.count <= maximumInput else {
                throw CommandFailure(message: "standard input has more than 8 MiB", status: .refused)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
