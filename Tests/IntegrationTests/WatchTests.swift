import Jobline
import Subprocess
import Synchronization
import TestSupport
import Testing

/// Tests programs that watch jobs instead of polling.
@Suite("Watching and waiting", .timeLimit(.minutes(2)))
struct WatchTests {
    @Test("A client watches a job of each service at the same time and sees each change")
    func eachService() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: Samples.settings()) { daemon in
                try await daemon.client { client in
                    let notes = try await client.comprehendMedical.startRxNormInferenceJob(
                        inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
                        dataAccessRoleARN: Samples.role, languageCode: .en)
                    let segments = try await client.personalize.createBatchSegmentJob(
                        jobName: Secret.word, solutionVersionARN: Samples.solution,
                        jobInput: .init(s3DataSource: .init(path: "s3://items/items.json")),
                        jobOutput: .init(s3DataDestination: .init(path: "s3://results/segments/")),
                        roleARN: Samples.role, numResults: 5)
                    try await Samples.createWorkflow(client)
                    let matching = try await client.entityResolution.startMatchingJob(workflowName: "customers")
                    let jobs: [JobReference] = [
                        .comprehendMedical(.rxNormInference, try #require(notes.jobID)),
                        .batchSegment(arn: try #require(segments.batchSegmentJobARN)),
                        .matching(workflow: "customers", jobID: matching.jobID),
                        .comprehendMedical(.phiDetection, String(repeating: "0", count: 32)),
                    ]
                    var told: [JobReference: [JobState]] = [:]
                    let ended = try await client.waitUntilTerminal(jobs) {
                        told[$0.reference, default: []].append($0.state)
                    }
                    #expect(ended.map(\.reference) == jobs)
                    #expect(ended.map(\.state) == [.succeeded, .succeeded, .succeeded, .gone])
                    #expect(jobs.map { told[$0]?.last } == ended.map(\.state))
                    #expect(ended.dropLast().allSatisfy { $0.original != nil && $0.ended != nil })
                }
            }
        }
    }

    /// Starts jobs whose executor waits for the file `go`.
    static func start(_ count: Int, _ client: JoblineClient) async throws -> [JobReference] {
        var jobs: [JobReference] = []
        for number in 0..<count {
            jobs.append(.comprehendMedical(.rxNormInference, try await CrashTests.start(client, token: "\(number)")))
        }
        return jobs
    }

    static func settings(_ directory: TestDirectory) throws -> String {
        try CrashTests.settings(directory, onRestart: "rerun")
    }

    @Test("A thousand waits on one connection do not slow calls, and leave nothing behind")
    func thousand() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: try Self.settings(directory)) { daemon in
                let before = try ProcessTable.sockets(of: daemon.pid)
                try await daemon.client { client in
                    let jobs = try await Self.start(20, client)
                    let began = AsyncStream<Void>.makeStream()
                    try await withThrowingTaskGroup(of: JobState.self) { group in
                        for number in 0..<1000 {
                            group.addTask {
                                let isFirst = Mutex(true)
                                return try await client.waitUntilTerminal(jobs[number % jobs.count]) { _ in
                                    if isFirst.withLock({ first in
                                        defer { first = false }; return first
                                    }) {
                                        began.continuation.yield()
                                    }
                                }.state
                            }
                        }
                        var started = 0
                        for await _ in began.stream {
                            started += 1
                            if started == 1000 { break }
                        }
                        // Watches take no slot of the window.
                        for _ in 0..<500 { _ = try await client.ping() }
                        let open = try await client.sidecar.getStatistics()
                        #expect(open.connections.open == 1)
                        try directory.write("go", to: "go")
                        for try await state in group { #expect(state == .succeeded) }
                    }
                }
                // The daemon notices it slightly later than the client.
                while try ProcessTable.sockets(of: daemon.pid) > before {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        }
    }

    @Test("Waits continue over a restart of the daemon", arguments: [Signal.terminate, .kill])
    func restarted(signal: Signal) async throws {
        try await TestDirectory.with { directory in
            let settings = try Self.settings(directory)
            let client = JoblineClient(configuration: .init(socketPath: directory.appending("jobline.sock")))
            let waits = Mutex<[Task<JobState, any Error>]>([])
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                let jobs = try await Self.start(10, client)
                let began = AsyncStream<Void>.makeStream()
                for number in 0..<200 {
                    let wait = Task {
                        try await client.waitUntilTerminal(jobs[number % jobs.count]) { _ in began.continuation.yield()
                        }
                        .state
                    }
                    waits.withLock { $0.append(wait) }
                }
                var told = 0
                for await _ in began.stream {
                    told += 1
                    if told == 200 { break }
                }
                daemon.send(signal)
            }
            try await DaemonProcess.with(in: directory, settings: settings) { _ in
                try directory.write("go", to: "go")
                for wait in waits.withLock({ $0 }) {
                    let state = try await wait.value
                    #expect(state.isTerminal && state != .gone)
                }
            }
            await client.close()
        }
    }

    @Test("A paused daemon delays a watch until it continues, or until the watch timeout")
    func stopped() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: try Self.settings(directory)) { daemon in
                let patient = JoblineClient(
                    configuration: .init(socketPath: daemon.socket, keepAlive: .milliseconds(200)))
                let impatient = JoblineClient(
                    configuration: .init(
                        socketPath: daemon.socket, keepAlive: .milliseconds(200), watchTimeout: .seconds(1)))
                let job = try await Self.start(1, patient)[0]
                let began = AsyncStream<Void>.makeStream()
                let wait = Task { try await patient.waitUntilTerminal(job) { _ in began.continuation.yield() }.state }
                for await _ in began.stream { break }
                daemon.send(.suspend)
                // A stopped process would not end, so continue it in any case.
                defer { daemon.send(.resume) }
                do throws(JoblineError) {
                    _ = try await impatient.waitUntilTerminal(job)
                    Issue.record("nobody was there to say that it ended")
                } catch {
                    #expect(error.code == .unreachable)
                    #expect(error.message.contains(daemon.socket))
                }
                daemon.send(.resume)
                try directory.write("go", to: "go")
                let state = try await wait.value
                #expect(state == .succeeded)
                await patient.close()
                await impatient.close()
            }
        }
    }
}
