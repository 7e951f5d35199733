import Glibc
import JoblineBackend
import JoblineProtocol
import Synchronization
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("The launch of an executor", .timeLimit(.minutes(1)))
struct ExecutorThreadTests {
    private let sandbox: Sandbox
    private let control = ExecutorControl()

    init() throws { sandbox = try Sandbox() }

    private func thread(report: @escaping @Sendable () throws -> ReportWriter) throws -> ExecutorThread {
        let state = try StateDirectory(sandbox.state)
        return try ExecutorThread(
            ExecutorThread.Work(
                program: Program(
                    path: "/bin/sh", arguments: ["sh", "-c", "echo began > \(sandbox.path)/began; cat"],
                    environment: [:], workingDirectory: sandbox.path),
                control: control, deadline: .now + .seconds(300), grace: .milliseconds(100), report: report,
                log: RunLog(state, JobReference(.rxNormInference, "1"))))
    }

    @Test(
        "One that hangs keeps nobody from ending the job",
        arguments: [ExecutorControl.Reason.stop, .timeout, .shutdown])
    func hangs(_ reason: ExecutorControl.Reason) async throws {
        let held = try Held()
        let output = sandbox.path
        let thread = try thread {
            held.wait()
            return ReportWriter(of: .rxNormInference, input: nil, output: output, files: nil)
        }
        async let launch = thread.start()
        await held.untilWaiting()
        control.end(reason)
        guard case .abandoned = try await launch else {
            Issue.record("waited for the launch")
            return
        }
        // A late launch is ended, and nobody waits for it.
        held.letGo()
    }

    @Test("One that fails says why")
    func fails() async throws {
        let thread = try thread { throw Errno.tooManyOpenFiles }
        guard case .failed(let error) = try await thread.start() else {
            Issue.record("it was launched")
            return
        }
        #expect(error as? Errno == .tooManyOpenFiles)
        #expect(ExhaustedResource(error) == .descriptors)
    }

    @Test("One that goes well is fed and read to its end")
    func succeeds() async throws {
        let output = sandbox.path
        let thread = try thread { ReportWriter(of: .rxNormInference, input: nil, output: output, files: nil) }
        guard case .launched(let identity) = try await thread.start() else {
            Issue.record("it was not launched")
            return
        }
        let exit = await thread.finish(input: Array("{\"progress\":1}\n".utf8))
        #expect(exit.status == .exited(0))
        #expect(exit.process == identity)
        #expect(exit.report.violation == nil)
        #expect(exit.reason == nil)
        #expect(sandbox.read("began") == "began\n")
    }

    @Test("What the system may have again is told from what it has not")
    func exhaustedResources() {
        #expect(ExhaustedResource(Errno.resourceTemporarilyUnavailable) == .processes)
        #expect(ExhaustedResource(Errno.noMemory) == .memory)
        #expect(ExhaustedResource(Errno.tooManyOpenFilesInSystem) == .files)
        #expect(ExhaustedResource(PathError(.unusable, "no", cause: .tooManyOpenFiles)) == .descriptors)
        #expect(ExhaustedResource(Errno.noSuchFileOrDirectory) == nil)
        #expect(ExhaustedResource(PathError(.missing, "no")) == nil)
        #expect(ExhaustedResource(CancellationError()) == nil)
    }
}

/// Holds a thread that is none of the tasks'.
private final class Held: Sendable {
    private let pipe: Pipe
    private let waiting = Promise<Void>()

    init() throws { pipe = try Pipe() }

    func wait() {
        waiting.fulfill(())
        var byte: UInt8 = 0
        read(pipe.reader.number, &byte, 1)
    }

    func untilWaiting() async { await waiting.value() }

    func letGo() {
        var byte: UInt8 = 0
        write(pipe.writer.number, &byte, 1)
    }
}
