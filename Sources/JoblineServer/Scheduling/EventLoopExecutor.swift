internal import NIOCore
internal import Synchronization

/// Runs tasks on an event loop: what reads or waits for the store is done there, or goes to the store's thread and back, and to
/// no other.
///
/// What comes to be run before the loop gets to it is run together: a commit that answers many wakes the loop once.
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
