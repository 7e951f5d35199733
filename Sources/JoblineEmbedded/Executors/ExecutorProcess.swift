internal import LibC
internal import JoblineProtocol
internal import NIOCore
internal import Subprocess
internal import SystemPackage

/// Why an executor did not run.
struct ExecutorError: Error, Sendable, CustomStringConvertible {
    /// A lower-case clause for the caller of the service.
    var message: String
    /// What went wrong underneath.
    var cause: (any Error)?

    var description: String { cause.map { "\(message): \($0)" } ?? message }
}

/// One run of an executor.
///
/// The executor leads a session and with it a process group of its own. Its program begins only when the identity of its
/// process is put down: until then a shell in its place waits for a line on standard input, and ends if the daemon does.
struct ExecutorProcess {
    /// How a run ended.
    struct Exit: Sendable {
        enum Status: Sendable, Hashable {
            case exited(Int32)
            case signalled(Int32)
            /// Its program was never begun.
            case notBegun
        }

        var status: Status
        /// nil where the work was done in this process.
        var process: ProcessIdentity?
        var report: ExecutorReport
        /// The last line of standard error.
        var lastLine: String?
        /// Why it was ended, if it did not end by itself.
        var reason: ExecutorControl.Reason?
    }

    /// Waits for a line, reading not a byte beyond it, and becomes the program.
    private static let gate = "read -r go && exec \"$@\""

    let configuration: ExecutorConfiguration
    let job: ExecutorJob
    let grace: Duration

    /// Runs the executor to its end.
    ///
    /// - Parameters:
    ///   - control: Ends the executor early.
    ///   - report: Makes what takes the executor's lines.
    ///   - begin: Puts down the process, and says whether its program may begin.
    func run(
        _ control: ExecutorControl, report: @escaping @Sendable () -> ReportWriter,
        begin: @Sendable (ProcessIdentity) async throws -> Bool
    ) async throws -> Exit {
        let environment = self.environment
        let program = try Self.program(configuration.command, path: environment["PATH"] ?? "")
        var options = PlatformOptions()
        options.createSession = true
        // For the case that the task is cancelled; all else goes through `control`.
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)]
        var keyed: [Environment.Key: String] = [:]
        for (name, value) in environment { keyed[Environment.Key(stringLiteral: name)] = value }
        let arguments = ["-c", Self.gate, "sh", program] + configuration.command.dropFirst()
        do {
            let result = try await Subprocess.run(
                .path("/bin/sh"), arguments: Arguments(arguments), environment: .custom(keyed),
                workingDirectory: job.output, platformOptions: options, input: .inputWriter, output: .sequence,
                error: .sequence
            ) { execution in
                try await supervise(execution, control, report, begin)
            }
            var exit = result.closureResult
            if exit.status != .notBegun {
                exit.status =
                    switch result.terminationStatus {
                    case .exited(let code): .exited(code)
                    case .signaled(let signal): .signalled(signal)
                    }
            }
            return exit
        } catch let error as SubprocessError {
            throw ExecutorError(message: "the executor could not be started", cause: error)
        }
    }

    private func supervise(
        _ execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>, _ control: ExecutorControl,
        _ makeReport: @escaping @Sendable () -> ReportWriter, _ begin: (ProcessIdentity) async throws -> Bool
    ) async throws -> Exit {
        let group = execution.processIdentifier.value
        let timeout = configuration.timeout
        let grace = self.grace
        async let report = Self.read(execution, makeReport, control)
        async let lastLine = Self.lastLine(execution)
        async let _: Void = control.endGroup(group, grace: grace)
        async let _: Void = Self.alarm(after: timeout, control)
        guard let identity = ProcessIdentity(of: group) else {
            throw ExecutorError(message: "the executor's process could not be identified")
        }
        let mayBegin = try await begin(identity)
        let line = mayBegin ? [UInt8]("\n".utf8) + Array(buffer: job.json()) + [UInt8(ascii: "\n")] : []
        async let _: Void = Self.feed(execution, line)
        await Self.exit(of: execution, within: timeout + grace)
        // What the executor left behind goes with it. Until this function returns the executor is not reaped, so that the
        // group's number cannot have become another one's.
        kill(-group, SIGKILL)
        let reason = control.hasEnded()
        var exit = Exit(
            status: .exited(0), process: identity, report: await report, lastLine: await lastLine, reason: reason)
        if !mayBegin { exit.status = .notBegun }
        return exit
    }
}

// MARK: - What goes on while it runs

extension ExecutorProcess {
    private static func read(
        _ execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>,
        _ makeReport: @Sendable () -> ReportWriter, _ control: ExecutorControl
    ) async -> ExecutorReport {
        let writer = makeReport()
        do {
            // Reading goes on after a violation, so that the executor is never held up by a full pipe.
            for try await buffer in execution.standardOutput {
                if !buffer.withUnsafeBytes({ writer.append($0) }) { control.end(.violation) }
                await letOthersRun()
            }
        } catch {
            // A pipe that breaks has ended.
        }
        return writer.finish()
    }

    private static func lastLine(
        _ execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>
    ) async -> String? {
        var line = LastLine()
        do {
            for try await buffer in execution.standardError {
                buffer.withUnsafeBytes { line.append($0) }
                await letOthersRun()
            }
        } catch {
            // A pipe that breaks has ended.
        }
        return line.text()
    }

    /// A stream that always has more never waits, and two of them would hold both threads of a small machine for ever: what
    /// is to end the executor could not run.
    private static func letOthersRun() async { await Task.yield() }

    private static func feed(
        _ execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>, _ bytes: [UInt8]
    ) async {
        // An executor need not read its input, so failing to write it is no failure.
        if !bytes.isEmpty { _ = try? await execution.standardInputWriter.write(bytes) }
        try? await execution.standardInputWriter.finish()
    }

    /// Steps of a teardown; they are in memory together.
    private static let mostNaps = 500

    private static func alarm(after timeout: Duration, _ control: ExecutorControl) async {
        guard (try? await SystemClock.sleep(for: timeout)) != nil else { return }
        control.end(.timeout)
    }

    /// Waits until the process has ended; it is not reaped yet then.
    ///
    /// Teardown is what the library offers to wait with. Its steps send signal 0, which does nothing, and what follows on the
    /// last one is a safeguard for the case that the ways of `control` have failed.
    private static func exit(
        of execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>, within limit: Duration
    ) async {
        let wait = limit + .seconds(60)
        let nap = max(SystemClock.nap, wait / Self.mostNaps)
        let step = TeardownStep.send(
            signal: Signal(rawValue: 0), toProcessGroup: true, allowedDurationToNextStep: nap)
        await execution.teardown(using: repeatElement(step, count: Int(wait / nap) + 1))
    }
}

// MARK: - What it is given

extension ExecutorProcess {
    /// PATH where the daemon itself has none.
    private static let defaultPath = "/usr/local/bin:/usr/bin:/bin"

    private var environment: [String: String] {
        var environment = ["PATH": Self.defaultPath, "LANG": "C.UTF-8"]
        for name in ["PATH", "LANG"] + configuration.environment {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return environment.merging(job.environment) { $1 }
    }

    /// Whether an executor's program is there and may be run.
    static func isThere(_ command: [String]) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? defaultPath
        return (try? program(command, path: path)) != nil
    }

    /// The path of a program, so that one that is not there is told by its name.
    private static func program(_ command: [String], path: String) throws(ExecutorError) -> String {
        guard let name = command.first, !name.isEmpty else {
            throw ExecutorError(message: "the executor has no command")
        }
        let candidates =
            name.contains("/")
            ? [name] : path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
        var reason = Errno.noSuchFileOrDirectory
        for candidate in candidates {
            if access(candidate, X_OK) == 0 { return candidate }
            if errno != ENOENT { reason = Errno(rawValue: errno) }
        }
        throw ExecutorError(message: "the executor \(name) cannot be run", cause: reason)
    }
}
