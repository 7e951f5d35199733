internal import LibC
internal import SystemPackage

/// Takes one executor from its launch to its end, on a thread of its own.
///
/// A thread, because everything else that runs here may need a new one at any moment: an executor that takes all processes
/// that the system has for the daemon would keep its own time limit from being enforced.
final class ExecutorThread: Sendable {
    /// Input of the thread.
    struct Work: Sendable {
        let program: Program
        let control: ExecutorControl
        /// When the executor's time is over.
        let deadline: ContinuousClock.Instant
        /// From SIGTERM to SIGKILL.
        let grace: Duration
        /// Makes what takes the executor's lines.
        let report: @Sendable () throws -> ReportWriter
        let log: RunLog
    }

    enum Launch: Sendable {
        case launched(ProcessIdentity)
        case failed(any Error)
        /// The end was asked for before the program was launched.
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

    /// Launches the program.
    ///
    /// - Throws: ``Errno`` if there can be no thread.
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

    /// Lets the program begin that was launched, or ends it, and waits for its end.
    ///
    /// - Parameter input: Its standard input; nil: it is not to begin.
    func finish(input: [UInt8]?) async -> ExecutorProcess.Exit {
        gate.decide(input)
        return await end.value()
    }

    private func main() {
        do {
            // Before there is a process: it may fail for the same reasons.
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
