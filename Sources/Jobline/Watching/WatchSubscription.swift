internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

/// One iteration of a watch: its requests to the daemon and its pending changes.
///
/// Owned by the iterator; its deinitialization cancels the requests.
final class WatchSubscription: Sendable {
    /// A change, nil at the end, or the failure.
    typealias Outcome = Result<JobChange?, CallFailure>
    private typealias Machine = WatchStateMachine<CheckedContinuation<Outcome, Never>>

    /// State shared with the driver's closures, so that they do not retain the subscription.
    private final class Feed: Sendable {
        let machine: Mutex<Machine>
        let ids: [ClientStateMachine.CallID]

        init(machine: consuming sending Machine, ids: [ClientStateMachine.CallID]) {
            self.machine = Mutex(machine)
            self.ids = ids
        }
    }

    private let feed: Feed
    private let connection: Connection

    /// Opens the watch.
    ///
    /// - Parameters:
    ///   - jobs: Jobs to watch; duplicates are watched once.
    ///   - until: Condition that ends the watch; nil for none.
    ///   - timeout: Limit of the whole watch; nil for none.
    ///   - traceparent: W3C trace context of the caller.
    ///   - connection: Connection that carries the requests.
    init(
        _ jobs: [JobReference], until: Sidecar.WatchEnd?, timeout: Duration?, traceparent: String?,
        connection: Connection
    ) {
        let machine = Machine(jobs, until: until)
        let ids = connection.makeIDs(machine.partCount)
        let feed = Feed(machine: machine, ids: ids)
        self.feed = feed
        self.connection = connection
        let deadline = timeout.map(connection.deadline(after:))
        let watches = ids.indices.map { part in
            OutgoingWatch(
                deadline: deadline, traceparent: traceparent,
                request: { feed.machine.withLock { $0.request(part) } },
                changed: { change in
                    switch feed.machine.withLock({ $0.changed(change) }) {
                    case .none: break
                    case .deliver(let change, let waiter): waiter.resume(returning: .success(change))
                    }
                },
                ended: { [weak connection] failure in
                    switch feed.machine.withLock({ $0.ended(failure) }) {
                    case .none: break
                    case .end(let failure, let waiter, let endsOthers):
                        if endsOthers { connection?.cancelWatches(feed.ids) }
                        waiter?.resume(returning: failure.map { .failure($0) } ?? .success(nil))
                    }
                })
        }
        connection.open(Array(zip(ids, watches)))
    }

    deinit { cancel() }

    /// Returns the next change as soon as there is one; nil at the end.
    func next(isolation: isolated (any Actor)?) async -> Outcome {
        await withTaskCancellationHandler(
            operation: {
                await withCheckedContinuation(isolation: isolation) { continuation in
                    switch feed.machine.withLock({ $0.next(continuation) }) {
                    case .deliver(let change): continuation.resume(returning: .success(change))
                    case .end(let failure):
                        continuation.resume(returning: failure.map { .failure($0) } ?? .success(nil))
                    case .wait: break
                    }
                }
            }, onCancel: { cancel() }, isolation: isolation)
    }

    private func cancel() {
        switch feed.machine.withLock({ $0.cancelled() }) {
        case .none: break
        case .cancel(let waiter):
            connection.cancelWatches(feed.ids)
            waiter?.resume(returning: .failure(.cancelled(written: true)))
        }
    }
}
