import JoblineProtocol
import Synchronization
import Testing

@testable import Jobline

@Suite("Call observer", .timeLimit(.minutes(1)))
struct CallObserverTests {
    final class Witness: CallObserver {
        let attempts = Mutex<[FailedAttempt]>([])
        let calls = Mutex<[EndedCall]>([])

        func attemptFailed(_ attempt: FailedAttempt) { attempts.withLock { $0.append(attempt) } }
        func callEnded(_ call: EndedCall) { calls.withLock { $0.append(call) } }
    }

    @Test("The observer gets each failed attempt with its backoff, and the end of each call")
    func told() async throws {
        let witness = Witness()
        try await ScriptedPeer.run(script: { client in
            try await client.fail(try await client.next(), 503)
            try await client.fail(try await client.next(), 429)
            try await client.answer(try await client.next())
            try await client.fail(try await client.next(), 404)
            _ = try await client.next()
        }) { path in
            var configuration = JoblineClient.Configuration(socketPath: path)
            configuration.observer = witness
            let client = JoblineClient(configuration: configuration, dependencies: ManualDependencies().dependencies)
            _ = try await client.call(JoblineClientTests.readonly)
            _ = try? await client.call(JoblineClientTests.never)
            await client.close()
        }
        let readonly = JoblineClientTests.readonly
        let never = JoblineClientTests.never
        #expect(
            witness.attempts.withLock { $0 } == [
                FailedAttempt(method: readonly, number: 1, code: .unavailable, pause: .milliseconds(25)),
                FailedAttempt(method: readonly, number: 2, code: .throttled, pause: .seconds(1)),
                FailedAttempt(method: never, number: 1, code: .notFound, pause: nil),
            ])
        #expect(
            witness.calls.withLock { $0 } == [
                EndedCall(method: readonly, attempts: 3, duration: .milliseconds(1025), code: nil),
                EndedCall(method: never, attempts: 1, duration: .zero, code: .notFound),
            ])
    }
}
