import Foundation
import Jobline
import JoblineTesting
import Testing

@Suite("Test server", .timeLimit(.minutes(1)))
struct TestServerTests {
    /// Descriptors of this process that lead into a directory.
    private static func descriptors(into directory: String) -> [String] {
        let files = FileManager.default
        return ((try? files.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [])
            .compactMap { try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
            .filter { $0.hasPrefix(directory) }
    }

    /// The directory of a server.
    private static func directory(_ jobline: TestServer) -> String {
        (jobline.socketPath as NSString).deletingLastPathComponent
    }

    private struct Broken: Error {}

    @Test("Nothing is left when the test is over, whether it returns or throws", arguments: [true, false])
    func end(throws: Bool) async throws {
        var directory = ""
        do {
            try await withJobline { jobline in
                directory = Self.directory(jobline)
                let job = try await jobline.job(try await jobline.client.startRxNorm())
                try await job.run()
                #expect(!Self.descriptors(into: directory).isEmpty)
                if `throws` { throw Broken() }
            }
        } catch is Broken {
            #expect(`throws`)
        }
        #expect(!directory.isEmpty && !FileManager.default.fileExists(atPath: directory))
        #expect(Self.descriptors(into: directory) == [])
    }

    @Test("A test that is cancelled ends, and leaves nothing either")
    func cancellation() async throws {
        let (begun, begin) = AsyncStream<String>.makeStream()
        let test = Task {
            try await withJobline { jobline in
                _ = try await jobline.client.startRxNorm()
                begin.yield(Self.directory(jobline))
                // Nobody starts such a job.
                _ = try await jobline.nextJob(.matching)
            }
        }
        var directory = ""
        for await made in begun {
            directory = made
            break
        }
        test.cancel()
        await #expect(throws: TestServerError.self) { try await test.value }
        #expect(!FileManager.default.fileExists(atPath: directory))
        #expect(Self.descriptors(into: directory) == [])
    }

    @Test("Servers side by side are independent")
    func parallel() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                group.addTask {
                    try await withJobline { jobline in
                        for _ in 1...number {
                            try await jobline.job(try await jobline.client.startRxNorm()).succeed()
                        }
                        #expect(try await jobline.jobs().count == number)
                        #expect(jobline.calls(of: startMethod) == number)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("Calls are counted by method and outcome")
    func counts() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            for _ in 1...3 { _ = try await jobline.client.rxNorm(job) }
            _ = await failure { () throws(JoblineError) in
                try await jobline.client.comprehendMedical.describeRxNormInferenceJob(jobID: "nobody")
            }
            #expect(jobline.calls(of: startMethod) == 1)
            #expect(jobline.outcomes(of: describeMethod) == ["ok": 3, "404": 1])
            #expect(jobline.calls(of: "Personalize.ListBatchSegmentJobs") == 0)
        }
    }

    @Test("A restart refuses no connection, keeps the jobs, and running ones continue")
    func restart() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            try await job.run()
            try await jobline.restart()
            #expect(try await jobline.client.rxNorm(job)?.jobStatus == .inProgress)
            try await job.succeed()
            try await jobline.restart()
            #expect(try await jobline.client.rxNorm(job)?.jobStatus == .completed)
            #expect(jobline.outcomes(of: describeMethod) == ["ok": 2])
        }
    }

    @Test("Calls succeed across restarts")
    func restartUnderLoad() async throws {
        try await withJobline(configuration: .init(client: .init(retry: .init(maximumAttempts: 10)))) { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...8 {
                    group.addTask { for _ in 1...50 { _ = try await jobline.client.rxNorm(job) } }
                }
                for _ in 1...3 { try await jobline.restart() }
                try await group.waitForAll()
            }
            #expect(jobline.outcomes(of: describeMethod)["ok"] == 400)
        }
    }

    @Test("A client whose connection is lost makes another one")
    func disconnect() async throws {
        try await withJobline { jobline in
            let job = try await jobline.job(try await jobline.client.startRxNorm())
            jobline.disconnect()
            #expect(try await jobline.client.rxNorm(job)?.jobStatus == .submitted)
        }
    }

    @Test("After the end calls and steps fail with the reason")
    func afterEnd() async throws {
        let jobline = try await TestServer.start()
        let other = jobline.makeClient()
        let job = try await jobline.job(try await other.startRxNorm())
        await jobline.stop()
        await jobline.stop()
        let error = await failure { () throws(JoblineError) in try await other.rxNorm(job) }
        #expect(error?.code == .closed)
        let step = await refusal { () throws(TestServerError) in try await job.run() }
        #expect(step?.code == .stopped)
    }

    @Test("Objects can be put, read and listed")
    func objects() async throws {
        try await withJobline { jobline in
            try jobline.put("a", at: "s3://notes/june/a.txt")
            try jobline.put("b", at: "s3://notes/june/b.txt")
            try jobline.put("c", at: "s3://notes/june/a.txt")
            #expect(try jobline.object(at: "s3://notes/june/a.txt") == "c")
            #expect(try jobline.object(at: "s3://notes/july/a.txt") == nil)
            #expect(
                try jobline.objects(below: "s3://notes/") == ["s3://notes/june/a.txt", "s3://notes/june/b.txt"])
            let error = await refusal { () throws(TestServerError) in try jobline.put("", at: "notes/a.txt") }
            let message =
                "notes/a.txt cannot be written: has to begin with s3://, or be a URL of Amazon S3"
            #expect(error?.description == message)
        }
    }
}
