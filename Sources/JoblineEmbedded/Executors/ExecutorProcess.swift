internal import LibC
internal import JoblineProtocol
internal import NIOCore
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
            /// There was not even a process; nil: the system took too long.
            case notLaunched(ExhaustedResource?)
        }

        var status: Status
        /// nil where the work was done in this process, or there never was a process.
        var process: ProcessIdentity?
        var report: ExecutorReport
        /// The last line of standard error.
        var lastLine: String?
        /// Why it was ended, if it did not end by itself.
        var reason: ExecutorControl.Reason?
    }

    /// Lowers the limit on descriptors, waits for a line, reading not a byte beyond it, and becomes the program.
    private var gate: String {
        let limit = descriptors.map { "ulimit -Sn \($0) 2>/dev/null; " } ?? ""
        return limit + "read -r go && exec \"$@\""
    }

    let configuration: ExecutorConfiguration
    let job: ExecutorJob
    let grace: Duration
    /// When the executor's time is over, its launch included.
    let deadline: ContinuousClock.Instant
    /// Keeps what it writes to standard error.
    let log: RunLog
    /// Descriptors that the program may have; nil: as many as this process.
    let descriptors: Int?

    /// Runs the executor to its end.
    ///
    /// - Parameters:
    ///   - control: Ends the executor early.
    ///   - report: Makes what takes the executor's lines.
    ///   - begin: Puts down the process, and says whether its program may begin.
    /// - Throws: Why it could not be launched.
    func run(
        _ control: ExecutorControl, report: @escaping @Sendable () throws -> ReportWriter,
        begin: (ProcessIdentity) async -> Bool
    ) async throws -> Exit {
        let environment = self.environment
        let name = try Self.program(configuration.command, path: environment["PATH"] ?? "")
        let program = Program(
            path: "/bin/sh", arguments: ["sh", "-c", gate, "sh", name] + configuration.command.dropFirst(),
            environment: environment, workingDirectory: job.output)
        let thread = try ExecutorThread(
            ExecutorThread.Work(
                program: program, control: control, deadline: deadline, grace: grace, report: report, log: log))
        return try await withTaskCancellationHandler {
            switch try await thread.start() {
            case .launched(let identity):
                let mayBegin = await begin(identity)
                let line = [UInt8]("\n".utf8) + Array(buffer: job.json()) + [UInt8(ascii: "\n")]
                return await thread.finish(input: mayBegin ? line : nil)
            case .abandoned:
                return Exit(status: .notLaunched(nil), report: ExecutorReport(), reason: control.reason)
            case .failed(let error as Errno) where ExhaustedResource(error) == nil:
                throw ExecutorError(message: "the executor could not be started", cause: error)
            case .failed(let error): throw error
            }
        } onCancel: {
            control.end(.shutdown)
        }
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

    /// Why an executor's program cannot be run; nil if it can.
    static func problem(_ command: [String]) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? defaultPath
        do {
            _ = try program(command, path: path)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func unusable(_ name: String, _ reason: Errno) -> ExecutorError {
        let message: String
        if let advice = HiddenFolder.advice(on: name) {
            message = "the executor \(name) cannot be run; \(advice)"
        } else if reason == .permissionDenied {
            message = "the executor \(name) cannot be run by the user \(DaemonAccount.user); let it (chmod a+rx)"
        } else {
            message = "the executor \(name) cannot be run"
        }
        return ExecutorError(message: message, cause: reason)
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
        throw unusable(name, reason)
    }
}
