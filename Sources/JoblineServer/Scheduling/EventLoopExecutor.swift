internal import NIOCore
internal import Synchronization

/// Runs tasks on an event loop, so that a request that waits for the store changes threads only to the store and back.
///
/// Jobs that arrive before the loop runs are run together: a commit that resumes many tasks wakes the loop once.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop
    private let waiting = Mutex<[UnownedJob]>([])

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = waiting.withLock { waiting in
            waiting.append(job)
            return waiting.count == 1
        }
        if isFirst { eventLoop.execute { self.run() } }
    }

    private func run() {
        let jobs = waiting.withLock { exchange(&$0, with: []) }
        for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
