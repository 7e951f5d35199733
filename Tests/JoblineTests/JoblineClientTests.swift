import JoblineProtocol
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Jobline

@Suite("Client on a real socket", .timeLimit(.minutes(1)))
struct JoblineClientTests {
    static let readonly = "ComprehendMedical.DescribeRxNormInferenceJob"
    static let never = "EntityResolution.StartMatchingJob"

    /// Runs a client against a scripted peer, with time that only pauses move.
    static func run<Value: Sendable>(
        time: ManualDependencies = ManualDependencies(),
        script: @escaping @Sendable (ScriptedPeer.Client) async throws -> Void,
        _ body: (JoblineClient) async throws -> Value
    ) async throws -> Value {
        try await ScriptedPeer.run(script: script) { path in
            let client = JoblineClient(
                configuration: JoblineClient.Configuration(socketPath: path), dependencies: time.dependencies)
            let value = try await body(client)
            await client.close()
            return value
        }
    }

    static func failure(of body: () async throws(JoblineError) -> some Any) async -> JoblineError? {
        do throws(JoblineError) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    /// Answers every request with the method's name, until the client hangs up.
    static let echo: @Sendable (ScriptedPeer.Client) async throws -> Void = { client in
        while let request = try await client.next() { try await client.answer(request, "{\"n\":\(client.number)}") }
    }

    @Test("A client uses the event loop on which it is created")
    func eventLoop() async throws {
        for _ in 0..<4 {
            let eventLoop = NIOSingletons.posixEventLoopGroup.next()
            let client = try await eventLoop.submit { JoblineClient() }.get()
            #expect(client.connection.eventLoop === eventLoop)
            await client.close()
        }
    }

    @Test("Calls of a task on the client's executor do not leave the event loop")
    func executor() async throws {
        try await Self.run(script: Self.echo) { client in
            try await withTaskExecutorPreference(client.executor) {
                for _ in 1...3 {
                    let before = MultiThreadedEventLoopGroup.currentEventLoop
                    _ = try await client.call(Self.readonly)
                    let after = MultiThreadedEventLoopGroup.currentEventLoop
                    for eventLoop in [before, after] { #expect(eventLoop === client.connection.eventLoop) }
                }
            }
        }
    }

    @Test("Replies find their callers in any order")
    func anyOrder() async throws {
        let results = try await Self.run(script: { client in
            let requests = [try await client.next(), try await client.next(), try await client.next()]
            for request in requests.reversed() {
                try await client.answer(request, request?.params.map { String(buffer: $0) } ?? "{}")
            }
            _ = try await client.next()
        }) { client in
            try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for number in 1...3 {
                    group.addTask { (number, try await client.call(Self.readonly, json: "{\"n\":\(number)}")) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
        }
        #expect(results == [1: "{\"n\":1}", 2: "{\"n\":2}", 3: "{\"n\":3}"])
    }

    @Test("Thousands of calls share one connection")
    func pipelining() async throws {
        let results = try await Self.run(script: Self.echo) { client in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<2000 { group.addTask { try await client.call(Self.readonly) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(results.count == 2000)
        #expect(Set(results) == ["{\"n\":1}"])
    }

    @Test("A read whose connection is lost is sent again on the next one")
    func lostRead() async throws {
        let time = ManualDependencies()
        let result = try await Self.run(
            time: time,
            script: { client in
                let request = try await client.next()
                if client.number == 3 { try await client.answer(request, "{\"n\":3}") }
            }
        ) { try await $0.call(Self.readonly) }
        #expect(result == "{\"n\":3}")
        #expect(time.pauses == [.milliseconds(25), .milliseconds(50)])
    }

    @Test("A start whose connection is lost is not sent again, and the error says that it may have taken effect")
    func lostStart() async throws {
        let connections = Mutex(0)
        let error = try await Self.run(script: { client in
            connections.withLock { $0 += 1 }
            _ = try await client.next()
        }) { client in await Self.failure { () throws(JoblineError) in try await client.call(Self.never) } }
        #expect(error?.code == .connectionLost)
        #expect(error?.outcomeUnknown == true)
        #expect(error?.attempts == 1)
        #expect(connections.withLock { $0 } == 1)
    }

    @Test("A call to a silent peer ends at its deadline and sends a cancel")
    func silence() async throws {
        let asked = Journal<Request>()
        try await Self.run(script: { client in
            while let request = try await client.next() { asked.note(request) }
        }) { client in
            let error = await Self.failure { () throws(JoblineError) in
                try await client.call(Self.readonly, options: CallOptions(timeout: .seconds(1)))
            }
            #expect(error?.code == .timeout)
            #expect(error?.message == "the daemon did not answer within the deadline")
            let requests = await asked.entries(2)
            #expect((1...1000).contains(requests.first?.timeoutMilliseconds ?? 0))
            #expect(requests.last?.method == "rpc.cancel")
        }
    }

    @Test("Invalid bytes from the server are an error without a retry")
    func garbage() async throws {
        let error = try await Self.run(script: { client in
            _ = try await client.next()
            try await client.send("SSH-2.0-OpenSSH_9.2\r\n")
            _ = try await client.next()
        }) { client in await Self.failure { () throws(JoblineError) in try await client.call(Self.readonly) } }
        #expect(error?.code == .protocolViolation)
        #expect(error?.attempts == 1)
    }

    @Test("A call waits for the time advised by a 429, then succeeds; starts as well")
    func throttled() async throws {
        let time = ManualDependencies(fractions: [0])
        let result = try await Self.run(
            time: time,
            script: { client in
                try await client.fail(try await client.next(), 429, "{\"retryAfterMs\":118,\"processed\":false}")
                try await client.answer(try await client.next(), "{\"jobId\":\"1\"}")
                _ = try await client.next()
            }
        ) { try await $0.call(Self.never) }
        #expect(result == "{\"jobId\":\"1\"}")
        #expect(time.pauses == [.milliseconds(118)])
    }

    @Test("The daemon's error is returned unchanged")
    func serverError() async throws {
        let error = try await Self.run(script: { client in
            try await client.fail(try await client.next(), 404, "{\"type\":\"ResourceNotFoundException\"}")
            _ = try await client.next()
        }) { client in await Self.failure { () throws(JoblineError) in try await client.call(Self.readonly) } }
        #expect(error?.code == .notFound)
        #expect(error?.wire?.type == "ResourceNotFoundException")
        #expect(error?.description == "notFound: \(Self.readonly): scripted (ResourceNotFoundException)")
        #expect(error?.location.file.hasPrefix("Jobline/") == true)
    }

    @Test("Cancelling the task ends the call and cancels it at the server")
    func cancel() async throws {
        let told = Journal<String>()
        let error = try await Self.run(script: { client in
            while let request = try await client.next() {
                told.note(request.method + " " + (request.params.map { String(buffer: $0) } ?? ""))
            }
        }) { client in
            let task = Task {
                await Self.failure { () throws(JoblineError) in try await client.call(Self.readonly) }
            }
            #expect(await told.entries(1) == ["\(Self.readonly) {}"])
            task.cancel()
            let error = await task.value
            #expect(await told.entries(1) == ["rpc.cancel {\"id\":1}"])
            return error
        }
        #expect(error?.code == .cancelled)
    }

    @Test("A cancelled task sends nothing")
    func cancelledBefore() async throws {
        let client = JoblineClient(configuration: JoblineClient.Configuration(socketPath: ScriptedPeer.uniquePath()))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await Self.failure { () throws(JoblineError) in try await client.call(Self.never) }
        }
        let error = await task.value
        #expect(error?.code == .cancelled)
        #expect(error?.outcomeUnknown == false)
        await client.close()
    }

    @Test("Parameters that are not a JSON object are refused", arguments: ["", "{", "[]", "1", "{} {}"])
    func parameters(json: String) async throws {
        let client = JoblineClient(configuration: JoblineClient.Configuration(socketPath: ScriptedPeer.uniquePath()))
        let error = await Self.failure { () throws(JoblineError) in try await client.call(Self.readonly, json: json) }
        #expect(error?.code == .encoding)
        await client.close()
    }

    @Test("A start without its token is not repeated, one with it is")
    func rawToken() async throws {
        let method = "ComprehendMedical.StartRxNormInferenceJob"
        for (json, attempts) in [
            ("{}", 1), ("{\"ClientRequestToken\":null}", 1), ("{\"ClientRequestToken\":\"t\"}", 3),
        ] {
            let error = try await Self.run(script: { client in _ = try await client.next() }) { client in
                await Self.failure { () throws(JoblineError) in try await client.call(method, json: json) }
            }
            #expect(error?.attempts == attempts)
            #expect(error?.outcomeUnknown == true)
        }
    }

    @Test("The client fills in one token for all attempts, and decodes the result")
    func generatedCall() async throws {
        let tokens = Journal<String>()
        let time = ManualDependencies(fractions: [0])
        let job = try await Self.run(
            time: time,
            script: { client in
                let request = try await client.next()
                tokens.note(request?.params.map { String(buffer: $0) } ?? "")
                if client.number == 2 { try await client.answer(request, "{\"JobId\":\"j1\",\"New\":[1]}") }
            }
        ) { client in
            try await client.comprehendMedical.startRxNormInferenceJob(
                inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
                dataAccessRoleARN: "arn:aws:iam::000000000000:role/r", languageCode: .en)
        }
        #expect(job.jobID == "j1")
        let sent = await tokens.entries(2)
        #expect(sent.first?.contains("\"ClientRequestToken\":\"00000000-0000-4000-8000-000000000000\"") == true)
        #expect(sent.first == sent.last)
    }

    @Test("The error for an invalid result names the member")
    func undecodable() async throws {
        let error = try await Self.run(script: { client in
            try await client.answer(try await client.next(), "{\"jobId\":7}")
            _ = try await client.next()
        }) { client in
            await Self.failure { () throws(JoblineError) in
                try await client.entityResolution.startMatchingJob(workflowName: "w")
            }
        }
        #expect(error?.code == .decoding)
        #expect(error?.outcomeUnknown == true)
        #expect(
            error?.description.hasPrefix(
                "outcome unknown: decoding: EntityResolution.StartMatchingJob: the result is not what the contract says: "
                    + "jobId: expected a string, found a number") == true)
    }
}
