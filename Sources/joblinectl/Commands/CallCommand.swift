internal import ArgumentParser
internal import Glibc
internal import Jobline

/// `joblinectl call`
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Make any call and print its result.",
        discussion: """
            The result is JSON, laid out for reading, or on one line with -o json. See joblinectl methods for what there is; \
            deploy/samples/workflows has workflows to try. Parameters that the method does not have are ignored by the daemon; \
            standard error warns of them.

            For example:
              joblinectl call rpc.ping
              joblinectl call Personalize.ListBatchSegmentJobs '{"maxResults":5}'
              joblinectl call EntityResolution.CreateMatchingWorkflow - < people.json
              joblinectl call EntityResolution.CreateIdMappingWorkflow - < subscribers.json
              joblinectl call EntityResolution.DeleteMatchingWorkflow '{"workflowName":"w"}'
            """)

    @Argument(help: "Service.Operation.", completion: .list(Completion.methods))
    var method: String

    @Argument(help: "The parameters, one JSON object; - reads them from standard input.")
    var parameters = "{}"

    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    /// More than any daemon takes is not worth reading, in bytes.
    private static let maximumInput = 8 << 20

    func run() async throws {
        let json = parameters == "-" ? try Self.standardInput() : parameters
        try await common.withClient { client in
            await warn(of: json, client)
            do {
                let result = try await client.call(method, json: json)
                try Terminal.line(output.isJSON ? result : JSONLayout.indented(result))
            } catch let error as JoblineError where error.code == .methodNotFound {
                let advice = Spelling.advice(method, Completion.methods)
                throw CommandFailure(message: error.explanation + advice, status: ExitStatus(error.code))
            }
        }
    }

    /// Tells of parameters that the daemon's contract does not have; of none where it cannot be asked, as the call says why.
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
