internal import AllocationCounter
internal import Glibc
internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import NIOCore
internal import SystemPackage
internal import TestSupport

/// A server in this process, and a client that writes requests prepared before and reads as many bytes as their replies have: what is
/// counted is the server's.
final class Conversation {
    private let descriptor: CInt
    private var received = [UInt8](repeating: 0, count: 1 << 20)

    /// The steps that take a whole server.
    ///
    /// - Parameter directory: For what the servers keep, and for their sockets.
    static func steps(in directory: TestDirectory) async throws -> [Step] {
        let open = try await Conversation(LimitConfiguration(), in: directory, "open")
        let job = try open.startJob()
        let describe = #"{"JobId":"\#(job)"}"#
        let limits = LimitConfiguration(clientRead: .init(perSecond: 0.001, burst: 1))
        let limited = try await Conversation(limits, in: directory, "limited")
        let limitedJob = try limited.startJob()
        return [
            try open.step("describe: answer at hand, 32 in flight", Array(repeating: describe, count: 32)),
            try open.step("describe: answer at hand, 1 in flight", [describe]),
            // Each time in another spelling than the last, which is not at hand then.
            try open.step("describe: the store is asked", [describe, #"{ "JobId":"\#(job)"}"#], atOnce: false),
            try limited.step(
                "describe: refused by a limit, 32 in flight",
                Array(repeating: #"{"JobId":"\#(limitedJob)"}"#, count: 32)),
        ]
    }

    private init(_ limits: LimitConfiguration, in directory: TestDirectory, _ name: String) async throws {
        try directory.write("a note", to: "\(name)/buckets/notes/input/note.txt")
        try directory.write("", to: "\(name)/buckets/results/none")
        var configuration = EmbeddedConfiguration(stateDirectory: FilePath(directory.appending(name)))
        configuration.executors[.rxNormInference] = .init(command: ["/bin/sleep", "86400"])
        let logger = Logger(label: "micro") { _ in SwiftLogNoOpLogHandler() }
        let backend = try EmbeddedBackend(configuration: configuration, logger: logger)
        let socket = directory.appending("\(name).sock")
        let (serving, began) = AsyncStream<Never>.makeStream()
        let server = try Server(
            configuration: .init(), listener: UnixListener.bind(path: socket), limits: limits.resolve(),
            cache: ResponseCache(backend, bytes: 24 << 20), logger: logger, whenServing: { began.finish() }
        ) { rpc, _ in
            Services(
                comprehendMedical: backend.comprehendMedical, entityResolution: backend.entityResolution,
                personalize: backend.personalize, rpc: rpc, sidecar: NoSidecar())
        }
        // Until the process ends.
        Task { try await server.run() }
        for await _ in serving {}
        descriptor = try ByteExchange.connect(to: socket)
    }

    private func startJob() throws -> String {
        let text = try ask(
            #"""
            {"jsonrpc":"2.0","id":1000,"method":"ComprehendMedical.StartRxNormInferenceJob","params":{"InputDataConfig":\#
            {"S3Bucket":"notes","S3Key":"input"},"OutputDataConfig":{"S3Bucket":"results","S3Key":"output"},\#
            "DataAccessRoleArn":"arn:aws:iam::000000000000:role/jobline-data-access","LanguageCode":"en","JobName":"a job"}}
            """#)
        guard let mark = text.firstRange(of: "\"JobId\":\"") else { throw TestFailure(text) }
        // It waits for ever: the backend does not run, it only answers.
        return String(text[mark.upperBound...].prefix { $0 != "\"" })
    }

    private static func describe(_ params: String) -> String {
        #"{"jsonrpc":"2.0","id":1000,"method":"\#(Steps.describe.rawValue)","params":\#(params)}"#
    }

    /// A step that asks to describe the job, once for each of `params`.
    ///
    /// - Parameter atOnce: True: all are written before the first reply is read.
    private func step(_ name: String, _ params: [String], atOnce: Bool = true) throws -> Step {
        let frames = params.map { Self.frame(Self.describe($0)) }
        let turns: [(bytes: [UInt8], replies: Int)] =
            atOnce ? [(bytes: frames.flatMap(\.self), replies: frames.count)] : frames.map { ($0, 1) }
        return Step(name: name, times: params.count) {
            for turn in turns { _ = try self.exchange(turn.bytes, replies: turn.replies) }
        }
    }

    private static func frame(_ body: String) -> [UInt8] { Array("\(body.utf8.count)\n\(body)\n".utf8) }

    private func ask(_ body: String) throws -> String {
        String(decoding: received[..<(try exchange(Self.frame(body), replies: 1))], as: UTF8.self)
    }

    /// Writes frames and reads so many of them.
    ///
    /// - Returns: How many bytes these have.
    private func exchange(_ bytes: [UInt8], replies: Int) throws -> Int {
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Errno(rawValue: errno) }
        var (count, end, missing) = (0, 0, replies)
        while true {
            let some = recv(descriptor, &received[count], received.count - count, 0)
            guard some > 0 else { throw Errno(rawValue: errno) }
            count += some
            while let next = frameEnd(from: end, to: count) { (end, missing) = (next, missing - 1) }
            if missing == 0 { return count }
        }
    }

    /// Returns the end of the frame that starts at `start`; nil if it is incomplete.
    private func frameEnd(from start: Int, to count: Int) -> Int? {
        guard let newline = received[start..<count].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let length = received[start..<newline].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return newline + length + 2 <= count ? newline + length + 2 : nil
    }
}

/// Never called in these benchmarks.
private struct NoSidecar: SidecarService {
    private var nobody: ServiceError { ServiceError(.unavailable, "not part of this measurement") }

    func getInfo(_: Sidecar.GetInfoRequest, context: RequestContext) async throws -> Sidecar.GetInfoResponse {
        throw nobody
    }

    func getStatistics(
        _: Sidecar.GetStatisticsRequest, context: RequestContext
    ) async throws -> Sidecar.GetStatisticsResponse { throw nobody }

    func getHealth(_: Sidecar.GetHealthRequest, context: RequestContext) async throws -> Sidecar.GetHealthResponse {
        throw nobody
    }

    func getJobLog(_: Sidecar.GetJobLogRequest, context: RequestContext) async throws -> Sidecar.GetJobLogResponse {
        throw nobody
    }

    func watchJobs(_: Sidecar.WatchJobsRequest, context: RequestContext) async throws -> Sidecar.WatchJobsResponse {
        throw nobody
    }
}
