import JoblineProtocol
import Testing

@testable import Jobline

@Suite("Connections of a client on a real socket", .timeLimit(.minutes(1)))
struct JoblineClientConnectionTests {
    @Test("Calls survive the socket of a killed daemon, which accepts connections for a while")
    func dyingDaemon() async throws {
        let time = ManualDependencies()
        let results = try await JoblineClientTests.run(
            time: time,
            script: { client in
                if (2...4).contains(client.number) { return }
                let request = try await client.next()
                guard client.number > 1 else { return }
                try await client.answer(request, "{\"n\":1}")
                try await client.answer(try await client.next(), "{\"n\":2}")
                _ = try await client.next()
            }
        ) { [try await $0.call(JoblineClientTests.readonly), try await $0.call(JoblineClientTests.never)] }
        #expect(results == ["{\"n\":1}", "{\"n\":2}"])
        #expect(time.pauses == [.milliseconds(25)])
    }

    @Test("After a drain notice, later calls go over another connection")
    func drain() async throws {
        let results = try await JoblineClientTests.run(script: { client in
            let request = try await client.next()
            if client.number == 1 {
                try await client.send("{\"jsonrpc\":\"2.0\",\"method\":\"Sidecar.Draining\",\"params\":{}}\n")
            }
            try await client.answer(request, "{\"n\":\(client.number)}")
            _ = try await client.next()
        }) { client in
            [try await client.call(JoblineClientTests.readonly), try await client.call(JoblineClientTests.never)]
        }
        #expect(results == ["{\"n\":1}", "{\"n\":2}"])
    }

    @Test("Calls on a refused connection fail with its error")
    func refused() async throws {
        let time = ManualDependencies()
        let error = try await JoblineClientTests.run(
            time: time,
            script: { client in
                try await client.send(
                    """
                    {"jsonrpc":"2.0","id":null,"error":{"code":429,"message":"too many connections",\
                    "data":{"scope":"connection","processed":false}}}

                    """)
                _ = try await client.next()
                _ = try await client.next()
            }
        ) { client in
            await JoblineClientTests.failure { () throws(JoblineError) in
                try await client.call(JoblineClientTests.never)
            }
        }
        #expect(error?.code == .throttled)
        #expect(error?.message == "too many connections")
        #expect(error?.attempts == 3)
        #expect(time.pauses == [.milliseconds(500), .seconds(1)])
    }

    @Test("Waits for a daemon that starts later")
    func startsLater() async throws {
        let path = ScriptedPeer.uniquePath()
        let client = JoblineClient(configuration: JoblineClient.Configuration(socketPath: path))
        let task = Task { try await client.call(JoblineClientTests.never) }
        let answered = try await ScriptedPeer.run(at: path, script: JoblineClientTests.echo) { _ in
            try await task.value
        }
        #expect(answered == "{\"n\":1}")
        await client.close()
    }

    @Test("Without waiting for the daemon, a call fails after its attempts")
    func absent() async throws {
        let path = ScriptedPeer.uniquePath()
        let time = ManualDependencies()
        let configuration = JoblineClient.Configuration(socketPath: path, waitsForDaemon: false)
        let client = JoblineClient(configuration: configuration, dependencies: time.dependencies)
        let error = await JoblineClientTests.failure { () throws(JoblineError) in
            try await client.call(JoblineClientTests.never)
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message == "no socket at \(path); start joblined, or set JOBLINE_SOCKET")
        #expect(error?.attempts == 3)
        #expect(error?.outcomeUnknown == false)
        #expect(time.pauses == [.milliseconds(25), .milliseconds(50)])
        await client.close()
    }

    @Test("A socket path that is too long fails at once")
    func longPath() async throws {
        let client = JoblineClient(
            configuration: JoblineClient.Configuration(socketPath: "/tmp/" + String(repeating: "x", count: 200)))
        let error = await JoblineClientTests.failure { () throws(JoblineError) in
            try await client.call(JoblineClientTests.readonly)
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("107 bytes") == true)
        #expect(error?.attempts == 1)
        await client.close()
    }

    @Test("Closing disconnects, fails pending calls, and leaves nothing behind")
    func close() async throws {
        let seen = Journal<String>()
        weak var connection: Connection?
        try await ScriptedPeer.run(script: { client in
            while let request = try await client.next() { seen.note(request.method) }
            seen.note("end")
        }) { path in
            let client = JoblineClient(configuration: JoblineClient.Configuration(socketPath: path))
            connection = client.connection
            async let failure = JoblineClientTests.failure { () throws(JoblineError) in
                try await client.call(JoblineClientTests.never)
            }
            #expect(await seen.entries(1) == [JoblineClientTests.never])
            await client.close()
            let error = await failure
            #expect(error?.code == .closed)
            #expect(error?.outcomeUnknown == true)
            let later = await JoblineClientTests.failure { () throws(JoblineError) in
                try await client.call(JoblineClientTests.readonly)
            }
            #expect(later?.code == .closed)
            #expect(await seen.entries(1) == ["end"])
        }
        #expect(connection == nil)
    }

    @Test("A released client disconnects without close")
    func letGo() async throws {
        let seen = Journal<String>()
        try await ScriptedPeer.run(script: { client in
            try await JoblineClientTests.echo(client)
            seen.note("end")
        }) { path in
            _ = try await JoblineClient(configuration: JoblineClient.Configuration(socketPath: path)).call(
                JoblineClientTests.readonly)
            #expect(await seen.entries(1) == ["end"])
        }
    }
}
