internal import LibC
internal import SystemPackage

/// Runs an executor from its start to its end, on a thread of its own.
///
/// The thread exists before the executor starts, so that the timeout is enforced even if the executor uses up all processes
/// and threads that the system allows.
final class ExecutorThread: Sendable {
    /// Input of the thread.
    struct Work: Sendable {
        let program: Program
        let control: ExecutorControl
        /// Deadline of the executor.
        let deadline: ContinuousClock.Instant
        /// Time from SIGTERM to SIGKILL.
        let grace: Duration
        /// Creates the writer of the executor's report.
        let report: @Sendable () throws -> ReportWriter
        let log: RunLog
    }

    enum Launch: Sendable {
        case launched(ProcessIdentity)
        case failed(any Error)
        /// The end was requested before the process was started.
        case abandoned
    }

    private let work: Work
    private let gate: ExecutorGate
    private let launch = Promise<Launch>()
    private let end = Promise<ExecutorProcess.Exit>()

    init(_ work: Work) throws(Errno) {
        self.work = work
        gate = try ExecutorGate()
    }

    /// Starts the process.
    ///
    /// - Throws: ``Errno`` if the thread cannot be created.
    func start() async throws(Errno) -> Launch {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let error = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<ExecutorThread>.fromOpaque(context).takeRetainedValue().main()
                return nil
            }, context.toOpaque())
        guard error == 0 else {
            context.release()
            throw Errno(rawValue: error)
        }
        pthread_detach(thread)
        work.control.onEndRequest { [launch] in launch.fulfill(.abandoned) }
        let outcome = await launch.value()
        work.control.onEndRequest { [gate] in gate.wake() }
        return outcome
    }

    /// Lets the program start, or ends the process, and waits for its end.
    ///
    /// - Parameter input: Standard input of the program; nil: it must not start.
    func finish(input: [UInt8]?) async -> ExecutorProcess.Exit {
        gate.decide(input)
        return await end.value()
    }

    private func main() {
        do {
            // Before the process is started, since this may fail for lack of the same resources.
            let writer = try work.report()
            let child = try ChildProcess(work.program)
            let identity: ProcessIdentity
            do throws(Errno) {
                identity = try ProcessIdentity(of: child.pid)
            } catch {
                Self.discard(child)
                throw error
            }
            guard launch.fulfill(.launched(identity)) else { return Self.discard(child) }
            var loop = ExecutorLoop(child, work, gate, writer)
            loop.run()
            end.fulfill(loop.finish(identity))
        } catch {
            launch.fulfill(.failed(error))
        }
    }

    private static func discard(_ child: consuming ChildProcess) {
        child.signal(SIGKILL)
        _ = child.reap()
    }
}
