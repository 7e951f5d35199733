internal import Foundation
internal import Glibc
internal import Jobline
internal import Subprocess
internal import SystemPackage

/// A joblined of release build in a process of its own, whose limits are out of the way.
struct Daemon: Sendable {
    /// Where it listens.
    let socket: String
    private let identifier: pid_t

    /// How long a daemon may take to listen, in units of 10 ms.
    private static let patience = 6000

    /// Runs a daemon while `body` runs.
    ///
    /// - Parameters:
    ///   - program: Its path.
    ///   - directory: Holds its socket, its state and its log.
    ///   - executor: The program that runs jobs of the family RxNormInference, with its arguments.
    static func with<Value: Sendable>(
        _ program: String, in directory: Directory, executor: [String], _ body: (Daemon) async throws -> Value
    ) async throws -> Value {
        let configuration = try directory.write(settings(executor: executor), to: "joblined.yaml")
        try directory.write("aspirin 81 mg", to: "state/buckets/notes/note.txt")
        let log = try FileDescriptor.open(
            FilePath(directory.appending("log")), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
        let result = try await run(
            .path(FilePath(program)),
            arguments: [
                "--socket", directory.appending("socket"), "--state-directory", directory.appending("state"),
                "--config", configuration, "--log-level", "warning",
            ],
            input: .none, output: .discarded, error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        ) { execution in
            let daemon = Daemon(
                socket: directory.appending("socket"), identifier: execution.processIdentifier.value)
            defer { kill(daemon.identifier, SIGTERM) }
            try await daemon.waitUntilItListens(directory)
            return try await body(daemon)
        }
        return result.closureResult
    }

    /// A user's budget of a million requests a second is none, and a crowd is allowed.
    private static func settings(executor: [String]) -> String {
        """
        connections: {total: 8000, perUser: 6000}
        limits:
          client:
            read: {rate: 1000000, burst: 1000000}
            write: {rate: 1000000, burst: 1000000}
        executors:
          rxNormInference:
            command: [\(executor.map { "\"\($0)\"" }.joined(separator: ", "))]
        """
    }

    private func waitUntilItListens(_ directory: Directory) async throws {
        for _ in 0..<Self.patience {
            if let connection = try? Connection(to: socket) {
                connection.close()
                return
            }
            // Nobody has taken note of its end yet, if it has ended.
            guard let state = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
                !state.contains(") Z ")
            else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw BenchmarkError("the daemon does not listen: \(directory.read("log"))")
    }

    /// Memory of the daemon that is not on disk as well, in bytes.
    var residentBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// Time that the daemon has had a processor for.
    var processorTime: Duration { ProcessorTime.of(identifier) }

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

    /// Starts a job on the one note that there is.
    static func startJob(_ client: JoblineClient) async throws -> String {
        let started = try await client.comprehendMedical.startRxNormInferenceJob(
            inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results", s3Key: "out"),
            dataAccessRoleARN: "arn:aws:iam::000000000000:role/jobline", languageCode: .en, jobName: "benchmark")
        guard let id = started.jobID else { throw BenchmarkError("a job was started and has no id") }
        return id
    }
}
