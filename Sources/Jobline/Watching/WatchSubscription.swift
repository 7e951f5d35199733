internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

/// One iteration of a watch: its requests to the daemon, and what is there for the consumer.
///
/// Belongs to the iterator; when that is let go, the requests are cancelled.
final class WatchSubscription: Sendable {
    /// A change, the end as nil, or what went wrong.
    typealias Outcome = Result<JobChange?, CallFailure>
    private typealias Machine = WatchStateMachine<CheckedContinuation<Outcome, Never>>

    /// What the driver's closures share, so that they do not keep the subscription.
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

    /// Asks for the watch.
    ///
    /// - Parameters:
    ///   - jobs: What to watch; a job that is there twice is watched once.
    ///   - until: When it ends by itself; nil for never.
    ///   - timeout: How long it may take; nil for ever.
    ///   - traceparent: The caller's W3C trace context.
    ///   - connection: Carries its requests.
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

    /// The next change, once there is one; nil at the end.
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
