import Glibc
import JoblineBackend
import JoblineProtocol
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import JoblineServer

/// A directory of its own for each test, removed afterwards.
struct TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/jobline-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw ListenerError.system("mkdtemp") }
        path = String(cString: made)
    }

    func remove() {
        for name in ["s", "t", "f"] { Glibc.unlink("\(path)/\(name)") }
        rmdir(path)
    }
}

/// A running server on a real socket, with services that follow the test's script.
struct TestServer {
    let server: Server
    let path: String
    let gates: Gates

    func client(reads: Bool = true) async throws -> RawClient {
        try await RawClient.connect(to: path, reads: reads)
    }
}

/// Runs a server for as long as `body` takes, then drains it.
func withServer(
    limits: LimitConfiguration = LimitConfiguration(), access: AccessRules = AccessRules(),
    cache: ResponseCache? = nil,
    faults: FaultInjector? = nil,
    clock: MonotonicClock = .continuous,
    group: MultiThreadedEventLoopGroup = .singleton,
    log: LogRecorder = LogRecorder { Issue.record("the log has what it must not have: \($0)") },
    watches: JobWatches? = nil,
    configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (TestServer) async throws -> Void
) async throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    var configuration = ServerConfiguration()
    configuration.drainTimeout = .milliseconds(1)
    configuration.backendLimits[0].read = 1000
    configuration.backendLimits[0].list = 1000
    configure(&configuration)
    let path = directory.path + "/s"
    let gates = Gates()
    let asked = ScriptedServices.Counter()
    let (serving, continuation) = AsyncStream<Void>.makeStream()
    let server = try Server(
        configuration: configuration, listener: UnixListener.bind(path: path),
        limits: limits.resolve(), access: access, cache: cache, faults: faults, logger: log.logger, clock: clock,
        group: group, whenServing: { continuation.finish() },
        services: { rpc, server in
            ScriptedServices(gates: gates, asked: asked, server: server, watches: watches).services(rpc: rpc)
        })
    let running = Task { try await server.run() }
    for await _ in serving {}
    do {
        try await body(TestServer(server: server, path: path, gates: gates))
    } catch {
        server.drain()
        try await running.value
        throw error
    }
    server.drain()
    try await running.value
}

/// A request for a job whose id says what happens.
func describe(_ job: String, id: Int? = nil, timeout: Int? = nil) -> String {
    let id = id.map { #""id":\#($0),"# } ?? ""
    let timeout = timeout.map { #""timeoutMs":\#($0),"# } ?? ""
    return #"{"jsonrpc":"2.0",\#(id)\#(timeout)"method":"ComprehendMedical.DescribeRxNormInferenceJob","#
        + #""params":{"JobId":"\#(job)"}}"#
}

/// The reply to ``describe(_:id:timeout:)``.
func described(_ job: String, id: Int? = nil) -> String {
    #"{"jsonrpc":"2.0","id":\#(id.map(String.init) ?? "null"),"#
        + #""result":{"ComprehendMedicalAsyncJobProperties":{"JobId":"\#(job)"}}}"#
}

let pong = #"{"jsonrpc":"2.0","id":null,"result":{}}"#

/// The error in a reply, and its id as text.
func failure(_ line: String?) throws -> (id: RequestID?, error: WireError) {
    let frame = Frame(form: .bare, body: .init(string: line ?? "null"))
    guard case .reply(let id, .failure(let error)) = try ServerMessage(frame) else { throw NoFailure(line: line) }
    return (id, error)
}

struct NoFailure: Error { let line: String? }
