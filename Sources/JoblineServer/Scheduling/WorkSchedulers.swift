internal import NIOCore
internal import Synchronization

/// One scheduler for each event loop.
final class WorkSchedulers: Sendable {
    private let places: WorkScheduler.Places
    private let schedulers = Mutex<[ObjectIdentifier: NIOLoopBound<WorkScheduler>]>([:])

    init(_ places: WorkScheduler.Places) { self.places = places }

    /// The scheduler of an event loop; call it there.
    func scheduler(of eventLoop: any EventLoop) -> WorkScheduler {
        let made = NIOLoopBound(
            WorkScheduler(places, executor: EventLoopExecutor(eventLoop)), eventLoop: eventLoop)
        return schedulers.withLock { schedulers in
            let scheduler = schedulers[ObjectIdentifier(eventLoop), default: made]
            schedulers[ObjectIdentifier(eventLoop)] = scheduler
            return scheduler
        }.value
    }
}
