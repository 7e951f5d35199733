import Jobline
import Synchronization
import Testing

@testable import joblinectl

/// Jobs whose states are written down.
final class ScriptedFamily: joblinectl.JobFamily {
    let name = "Scripted"
    let summary = ""
    let example = ""
    let required: [StartArgument] = []
    let optional: [StartArgument] = []
    let goodEnds: Set<String> = ["DONE"]
    let badEnds: Set<String> = ["FAILED"]
    let maximumPage = 1

    /// What each look at a job finds, by its id; the last one stays.
    let states: Mutex<[String: [String]]>
    let time: VigilTests.Time
    /// How long one look takes.
    let look: Duration

    init(_ states: [String: [String]], time: VigilTests.Time, look: Duration = .zero) {
        self.states = Mutex(states)
        self.time = time
        self.look = look
    }

    func start(_ arguments: StartArguments, _ client: JoblineClient) async throws -> StartedJob {
        StartedJob(reference: "", json: "")
    }

    func describe(
        _ reference: joblinectl.JobReference, _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> joblinectl.Job {
        time.state.withLock { $0.now += look }
        let state = states.withLock { states in
            guard let first = states[reference.id]?.first else { return "GONE" }
            if states[reference.id]?.count ?? 0 > 1 { states[reference.id]?.removeFirst() }
            return first
        }
        return joblinectl.Job(reference: reference.id, state: state, standing: standing(state), json: "{}")
    }

    func list(_ query: JobQuery, _ client: JoblineClient) async throws(JoblineError) -> JobPage {
        JobPage(jobs: [], nextToken: nil)
    }
}

@Suite("Vigil")
struct VigilTests {
    /// Time that moves only with pauses and looks.
    final class Time: Sendable {
        let state = Mutex((now: Duration.zero, pauses: [Duration]()))
        var pauses: [Duration] { state.withLock { $0.pauses } }

        var surroundings: Surroundings {
            Surroundings(
                now: { self.state.withLock { $0.now } },
                sleep: { pause in
                    self.state.withLock { state in
                        state.now += pause
                        state.pauses.append(pause)
                    }
                },
                random: { 1 << 63 })
        }
    }

    /// Watches all scripted jobs and tells what was reported, and why it gave up.
    static func watch(
        _ states: [String: [String]], time: Time, patience: Duration? = nil, look: Duration = .zero
    ) async throws -> (log: [String], failure: CommandFailure?) {
        let client = JoblineClient(configuration: JoblineClient.Configuration(socketPath: "/nowhere"))
        let vigil = Vigil(
            family: ScriptedFamily(states, time: time, look: look), client: client, surroundings: time.surroundings)
        var log: [String] = []
        var failure: CommandFailure?
        do {
            let references = states.keys.sorted().map { JobReference(id: $0, workflow: "") }
            try await vigil.run(references, patience: patience) { job, former in
                log.append("\(job.reference) \(former ?? "-") \(job.state)")
            }
        } catch let error as CommandFailure {
            failure = error
        }
        await client.close()
        return (log, failure)
    }

    @Test("tells each new state once, looks less and less often, and stops with the last job")
    func untilTheEnd() async throws {
        let time = Time()
        let (log, failure) = try await Self.watch(
            ["a": ["NEW", "BUSY", "BUSY", "DONE"], "b": ["FAILED"]], time: time)
        #expect(log == ["a - NEW", "b - FAILED", "a NEW BUSY", "a BUSY DONE"])
        #expect(failure == nil)
        #expect(time.pauses == [.milliseconds(200), .milliseconds(300), .milliseconds(450)])
    }

    @Test("never pauses longer than two seconds")
    func longestPause() async throws {
        let time = Time()
        _ = try await Self.watch(["a": Array(repeating: "BUSY", count: 20) + ["DONE"]], time: time)
        #expect(time.pauses.count == 20)
        #expect(time.pauses.last == .seconds(2))
    }

    @Test("gives up when its time is over, in pauses and in looks")
    func patience() async throws {
        let time = Time()
        let (log, failure) = try await Self.watch(
            ["a": ["BUSY"], "b": ["BUSY"]], time: time, patience: .milliseconds(600))
        #expect(log == ["a - BUSY", "b - BUSY"])
        #expect(failure?.status == .timeout)
        #expect(failure?.message == "2 of 2 jobs have not ended in time")
        #expect(time.pauses == [.milliseconds(200), .milliseconds(300), .milliseconds(100)])
        let slow = try await Self.watch(["a": ["BUSY"]], time: Time(), patience: .seconds(1), look: .seconds(2))
        #expect(slow.failure?.message == "the job has not ended in time")
    }
}
