internal import NIOCore
internal import Synchronization

/// Runs tasks on an event loop: what reads or waits for the store is done there, or goes to the store's thread and back, and to
/// no other.
///
/// What comes to be run before the loop gets to it is run together: a commit that answers many wakes the loop once.
final class EventLoopExecutor: TaskExecutor {
    private struct State {
        var waiting: [UnownedJob] = []
        /// Empty, and has memory for the next ones.
        var spare: [UnownedJob] = []
    }

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = state.withLock { state in
            state.waiting.append(job)
            return state.waiting.count == 1
        }
        if isFirst { eventLoop.execute { self.run() } }
    }

    private func run() {
        var jobs: [UnownedJob] = []
        state.withLock { state in
            swap(&jobs, &state.spare)
            swap(&jobs, &state.waiting)
        }
        for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
        jobs.removeAll(keepingCapacity: true)
        state.withLock { $0.spare = jobs }
    }
}
