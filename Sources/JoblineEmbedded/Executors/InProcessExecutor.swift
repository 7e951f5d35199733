package import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// Does jobs in this process, where a program would do them outside of it: for tests of programs that wait for jobs.
///
/// All else is as with a program: the queue, the states, stopping, the report, the publication of the output.
package final class InProcessExecutor: Sendable, Hashable {
    /// Reports a line of the executor contract; false once the contract is broken.
    package typealias ReportLine = (_ line: String) -> Bool

    /// How the work ended.
    package enum End: Sendable, Hashable {
        case succeeded
        case failed(String)
    }

    /// A job to be done.
    package struct Job: Sendable {
        package let key: JobReference
        /// What the job reads: directories and files, absolute.
        package let inputs: [String]
        /// An empty directory, absolute.
        package let output: String

        /// The files of the first input, by their names as the report has them.
        package func inputFiles() throws -> [String] {
            guard let input = inputs.first else { return [] }
            var names: [String] = []
            try DirectoryHandle.walk(FilePath(input)) { name, entry in if entry.kind == .file { names.append(name) } }
            return names
        }
    }

    /// The ids of the jobs that may leave the queue; nil: all.
    let ready: @Sendable () -> Set<String>?
    private let work: @Sendable (Job, ReportLine) async -> End

    /// - Parameters:
    ///   - ready: The ids of the jobs that may leave the queue; nil: all. Where it changes, the queue is to be woken.
    ///   - work: Does a job. Its task is cancelled where the job is stopped or the daemon ends.
    package init(
        ready: @escaping @Sendable () -> Set<String>? = { nil },
        work: @escaping @Sendable (Job, ReportLine) async -> End
    ) {
        self.ready = ready
        self.work = work
    }

    /// Does a job to its end; see ``ExecutorProcess/run(_:report:begin:)``.
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
