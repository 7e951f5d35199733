internal import LibC
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// Error of an executor that could not be started.
struct ExecutorError: Error, Sendable, CustomStringConvertible {
    /// Lower-case clause for the caller of the service.
    var message: String
    /// Underlying error.
    var cause: (any Error)?

    var description: String { cause.map { "\(message): \($0)" } ?? message }
}

/// Run of an executor as a child process.
///
/// The process leads a session and a process group. It begins as a shell that waits for a line on standard input and then
/// executes the program, so that the identity of the process can be stored before the program starts. The shell exits if
/// the daemon ends first.
struct ExecutorProcess {
    /// Result of a run.
    struct Exit: Sendable {
        enum Status: Sendable, Hashable {
            case exited(Int32)
            case signalled(Int32)
            /// The process was started, but not its program.
            case notBegun
            /// No process was started, for lack of a resource; nil: the end was requested before.
            case notLaunched(ExhaustedResource?)
        }

        var status: Status
        /// Identity of the process; nil for an in-process executor or if no process was started.
        var process: ProcessIdentity?
        var report: ExecutorReport
        /// Last line of standard error.
        var lastLine: String?
        /// Reason for ending the executor; nil if it ended by itself.
        var reason: ExecutorControl.Reason?
    }

    /// Shell script that lowers the descriptor limit, waits for a line and executes the program. `read` consumes no byte
    /// after the line.
    private var gate: String {
        let limit = descriptors.map { "ulimit -Sn \($0) 2>/dev/null; " } ?? ""
        return limit + "read -r go && exec \"$@\""
    }

    let configuration: ExecutorConfiguration
    let job: ExecutorJob
    let grace: Duration
    /// Deadline of the run, including the start of the process.
    let deadline: ContinuousClock.Instant
    /// Log of standard error.
    let log: RunLog
    /// Maximum number of descriptors of the program; nil: that of this process.
    let descriptors: Int?

    /// Runs the executor to its end.
    ///
    /// - Parameters:
    ///   - control: Ends the executor early.
    ///   - report: Creates the writer of the executor's report.
    ///   - begin: Stores the identity of the process and returns whether the program may start.
    /// - Throws: The error of a process that could not be started.
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

// MARK: - Program and environment

extension ExecutorProcess {
    /// PATH if the daemon has none.
    private static let defaultPath = "/usr/local/bin:/usr/bin:/bin"

    private var environment: [String: String] {
        var environment = ["PATH": Self.defaultPath, "LANG": "C.UTF-8"]
        for name in ["PATH", "LANG"] + configuration.environment {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return environment.merging(job.environment) { $1 }
    }

    /// Returns why a program cannot be run; nil if it can.
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
            message = "the executor \(name) cannot be run by the user \(DaemonAccount.user): allow it with chmod a+rx"
        } else {
            message = "the executor \(name) cannot be run"
        }
        return ExecutorError(message: message, cause: reason)
    }

    /// Returns the path of a program, or throws an error with its name.
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
