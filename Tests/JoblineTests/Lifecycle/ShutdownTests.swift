import JoblineProtocol
import Logging
import ServiceLifecycle
import Testing

@testable import Jobline

@Suite("Graceful shutdown", .timeLimit(.minutes(1)))
struct ShutdownTests {
    private struct Story {
        let asked = Journal<String>()
        let goOn = Journal<Void>()

        /// Answers calls when it is told to, and tells of watched jobs that they run.
        func script(_ peer: ScriptedPeer.Client) async throws {
            while let request = try await peer.next() {
                asked.note(request.method)
                switch request.method {
                case "Sidecar.WatchJobs": try await peer.notify(request, JobWatchTests.family, "a", "running")
                case "rpc.cancel": break
                default:
                    _ = await goOn.entries(1)
                    try await peer.answer(request, "{\"n\":1}")
                }
            }
        }
    }

    @Test("Pending calls finish, watches end, later calls are refused")
    func shutdown() async throws {
        let story = Story()
        try await JobWatchTests.run(script: story.script) { client in
            let watch = Task {
                await JoblineClientTests.failure { () throws(JoblineError) in
                    try await client.waitUntilTerminal(JobWatchTests.job("a"))
                }
            }
            #expect(await story.asked.entries(1) == ["Sidecar.WatchJobs"])
            let call = Task { try await client.call(JoblineClientTests.never) }
            #expect(await story.asked.entries(1) == [JoblineClientTests.never])
            let shutdown = Task { await client.shutdown() }
            #expect(await watch.value?.code == .closed)
            let late = await JoblineClientTests.failure { () throws(JoblineError) in
                try await client.call(JoblineClientTests.readonly)
            }
            #expect(late?.code == .closed)
            story.goOn.note(())
            let value = try await call.value
            #expect(value == "{\"n\":1}")
            await shutdown.value
        }
    }

    @Test("Cancelling the shutdown ends pending calls")
    func cancelled() async throws {
        let story = Story()
        try await JobWatchTests.run(script: story.script) { client in
            let call = Task {
                await JoblineClientTests.failure { () throws(JoblineError) in
                    try await client.call(JoblineClientTests.never)
                }
            }
            _ = await story.asked.entries(1)
            let shutdown = Task { await client.shutdown() }
            shutdown.cancel()
            await shutdown.value
            #expect(await call.value?.code == .closed)
            story.goOn.note(())
        }
    }

    /// Uses a client until the group shuts down, and makes one more call then.
    private struct Worker: Service {
        let client: JoblineClient
        let began: Journal<Void>
        let results: Journal<String>

        func run() async throws {
            results.note(try await client.call(JoblineClientTests.readonly))
            began.note(())
            try await gracefulShutdown()
            results.note(try await client.call(JoblineClientTests.readonly))
        }
    }

    @Test("In a service group the client outlives the services behind it, and then returns")
    func serviceGroup() async throws {
        let began = Journal<Void>()
        let results = Journal<String>()
        try await JobWatchTests.run(script: JoblineClientTests.echo) { client in
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(service: client),
                        .init(
                            service: Worker(client: client, began: began, results: results),
                            successTerminationBehavior: .gracefullyShutdownGroup),
                    ], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
            let running = Task { try await group.run() }
            _ = await began.entries(1)
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(await results.entries(2) == ["{\"n\":1}", "{\"n\":1}"])
            let late = await JoblineClientTests.failure { () throws(JoblineError) in
                try await client.call(JoblineClientTests.readonly)
            }
            #expect(late?.code == .closed)
        }
    }

    @Test("Cancelling run closes the client")
    func cancelRun() async throws {
        try await JobWatchTests.run(script: JoblineClientTests.echo) { client in
            let running = Task { await client.run() }
            running.cancel()
            await running.value
            let late = await JoblineClientTests.failure { () throws(JoblineError) in
                try await client.call(JoblineClientTests.readonly)
            }
            #expect(late?.code == .closed)
        }
    }
}
