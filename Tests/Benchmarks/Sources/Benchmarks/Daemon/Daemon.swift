internal import Jobline

/// A joblined of release build, whose limits are out of the way; all else is as in production.
struct Daemon: Sendable {
    let process: ServerProcess

    /// Path of its socket.
    var socket: String { process.socket }

    /// Runs a daemon while `body` runs.
    ///
    /// - Parameters:
    ///   - program: Its path.
    ///   - directory: Holds its socket, its state and its log.
    ///   - executor: The program that runs jobs of the family RxNormInference, with its arguments.
    ///   - limits: YAML, in place of limits that no load here meets.
    static func with<Value: Sendable>(
        _ program: String, in directory: Directory, executor: [String], limits: String = noLimits,
        _ body: (Daemon) async throws -> Value
    ) async throws -> Value {
        let socket = directory.appending("socket")
        let arguments = try prepare(directory, executor: executor, limits: limits)
        return try await ServerProcess.with(
            program, ["--socket", socket] + arguments, socket: socket, log: directory.appending("log")
        ) { try await body(Daemon(process: $0)) }
    }

    /// Writes what a daemon needs to be there.
    ///
    /// - Returns: Arguments that say where it is.
    static func prepare(
        _ directory: Directory, executor: [String], limits: String = noLimits
    ) throws -> [String] {
        let configuration = try directory.write(
            """
            connections: {total: 8000, perUser: 6000}
            limits: \(limits)
            executors:
              rxNormInference:
                command: [\(executor.map { "\"\($0)\"" }.joined(separator: ", "))]
            """, to: "joblined.yaml")
        try directory.write("aspirin 81 mg", to: "state/buckets/notes/\(input)/note.txt")
        return ["--state-directory", directory.appending("state"), "--config", configuration]
    }

    /// A user's budget of a million requests a second is none.
    static let noLimits = "{client: {read: {rate: 1000000, burst: 1000000}, write: {rate: 1000000, burst: 1000000}}}"

    /// A client of this daemon, closed afterwards.
    func client<Value>(_ body: (JoblineClient) async throws -> Value) async throws -> Value {
        var configuration = JoblineClient.Configuration()
        configuration.socketPath = socket
        let client = JoblineClient(configuration: configuration)
        do {
            let value = try await body(client)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }

    private static let input = "cardiology/intake/2026/november"

    /// Parameters of a start on the only note; a described job has about 650 bytes.
    ///
    /// - Parameter token: Starts with the same token start one job.
    static func start(token: String) -> String {
        #"""
        {"InputDataConfig":{"S3Bucket":"notes","S3Key":"\#(input)"},\#
        "OutputDataConfig":{"S3Bucket":"results","S3Key":"cardiology/rxnorm"},\#
        "DataAccessRoleArn":"arn:aws:iam::000000000000:role/jobline-data-access","LanguageCode":"en",\#
        "JobName":"cardiology intake","KMSKey":"1234abcd-12ab-34cd-56ef-1234567890ab","ClientRequestToken":"\#(token)"}
        """#
    }

    static let startMethod = "ComprehendMedical.StartRxNormInferenceJob"

    /// Starts such a job.
    ///
    /// - Returns: Its id.
    func startJob(token: String = "first") throws -> String {
        let connection = try Connection(to: socket)
        defer { connection.close() }
        let reply = try connection.ask(Request(Self.startMethod, Self.start(token: token)))
        guard let id = reply.string("JobId") else { throw BenchmarkError("a job was started and has no id") }
        return id
    }
}
