package import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// Executor that runs a closure instead of a program, for tests of programs that wait for jobs.
///
/// Everything else is the same: queue, states, stopping, report and publication of the output.
package final class InProcessExecutor: Sendable, Hashable {
    /// Reports a line of the executor contract; returns false once the contract is violated.
    package typealias ReportLine = (_ line: String) -> Bool

    /// Result of the work.
    package enum End: Sendable, Hashable {
        case succeeded
        case failed(String)
    }

    /// Job of the closure.
    package struct Job: Sendable {
        package let key: JobReference
        /// Absolute paths of the directories and files that the job reads.
        package let inputs: [String]
        /// Absolute path of an empty directory.
        package let output: String

        /// Returns the files of the first input, with their names in the report.
        package func inputFiles() throws -> [String] {
            guard let input = inputs.first else { return [] }
            var names: [String] = []
            try DirectoryHandle.walk(FilePath(input)) { name, entry in if entry.kind == .file { names.append(name) } }
            return names
        }
    }

    /// Returns the ids of the jobs that may leave the queue; nil: all.
    let ready: @Sendable () -> Set<String>?
    private let work: @Sendable (Job, ReportLine) async -> End

    /// - Parameters:
    ///   - ready: Returns the ids of the jobs that may leave the queue; nil: all. Wake the queue when the result changes.
    ///   - work: Does a job. Its task is cancelled when the job is stopped or the daemon drains.
    package init(
        ready: @escaping @Sendable () -> Set<String>? = { nil },
        work: @escaping @Sendable (Job, ReportLine) async -> End
    ) {
        self.ready = ready
        self.work = work
    }

    /// Runs a job to its end; see ``ExecutorProcess/run(_:report:begin:)``.
    func run(
        _ job: ExecutorJob, key: JobReference, _ control: ExecutorControl,
        report makeReport: @escaping @Sendable () throws -> ReportWriter, begin: @Sendable () async -> Bool
    ) async throws -> ExecutorProcess.Exit {
        guard await begin() else {
            return ExecutorProcess.Exit(status: .notBegun, report: ExecutorReport(), reason: control.hasEnded())
        }
        let given = Job(key: key, inputs: job.inputs.map(\.path.string), output: job.output.string)
        let task = Task {
            let writer = try makeReport()
            let end = await work(given) { line in
                let isWithinContract = writer.append(line.utf8) && writer.append("\n".utf8)
                if !isWithinContract { control.end(.violation) }
                return isWithinContract
            }
            return (end, writer.finish())
        }
        async let _: Void = {
            await control.waitForEndRequest()
            task.cancel()
        }()
        let (end, report) = try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
        let reason = control.hasEnded()
        return switch end {
        case .succeeded: ExecutorProcess.Exit(status: .exited(0), report: report, reason: reason)
        case .failed(let message):
            ExecutorProcess.Exit(status: .exited(1), report: report, lastLine: message, reason: reason)
        }
    }

    package static func == (left: InProcessExecutor, right: InProcessExecutor) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
