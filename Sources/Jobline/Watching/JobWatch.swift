public import JoblineProtocol

/// Condition that ends a watch.
public typealias WatchEnd = Sidecar.WatchEnd

/// Asynchronous sequence of the states of jobs: the current ones, then every change.
///
/// Each iteration is a watch of its own. It begins with the first `next()`, yields the current state of every job and
/// then each change, and ends as `until` says. Leaving the loop, releasing the iterator or cancelling the task ends the
/// watch on the daemon, too.
///
/// ```swift
/// for try await job in client.watch([first, second]) {
///     print(job.id, job.state, job.progress ?? 0)
/// }
/// ```
///
/// **Changes.** A consumer that is slower than the jobs receives the latest state of each, in the order of the changes,
/// and never the same state twice in a row. The last state is never lost. The buffer is bounded by the number of jobs.
///
/// **Reconnects.** If the connection is lost, or the daemon restarts or drains, the watch continues on the next
/// connection. Changes made in between are delivered; known states are not repeated. The watch fails with
/// ``JoblineError/Code/unreachable`` only if no daemon answers for ``JoblineClient/Configuration/watchTimeout``.
public struct JobWatch: AsyncSequence, Sendable {
    /// The current state of one job.
    public typealias Element = Job
    /// The error that ends the sequence.
    public typealias Failure = JoblineError

    let client: JoblineClient
    /// Jobs to watch; duplicates are watched once.
    public let jobs: [JobReference]
    /// Condition that ends the watch; nil for none.
    public let until: WatchEnd?
    let options: CallOptions

    /// Creates an iterator, which opens the watch with its first `next()`.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(watch: self) }

    /// One iteration of a watch.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let watch: JobWatch
        private var subscription: WatchSubscription?

        init(watch: JobWatch) { self.watch = watch }

        /// Returns the next state of a job as soon as it differs from the last one delivered.
        ///
        /// - Parameter actor: Isolation of the caller.
        /// - Returns: The job; nil once the condition that ends the watch holds for every job.
        /// - Throws: ``JoblineError``, once; the watch then ends. Code `cancelled` if the task was cancelled, `timeout`
        ///   if the timeout of the options passed, `closed` if the client was closed, `unreachable` if no daemon
        ///   answered for too long, or the code with which the daemon refused the watch.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(JoblineError) -> Job? {
            if subscription == nil { subscription = try watch.begin() }
            guard let subscription else { return nil }
            switch await subscription.next(isolation: actor) {
            case .success(let change): return change?.job
            case .failure(let failure): throw watch.error(failure)
            }
        }

        /// Returns the next state of a job; see ``next(isolation:)``.
        public mutating func next() async throws(JoblineError) -> Job? { try await next(isolation: #isolation) }
    }

    private func begin() throws(JoblineError) -> WatchSubscription {
        guard !client.pendingCalls.isClosed else { throw error(ClientStateMachine.closed(written: false)) }
        guard !Task.isCancelled else { throw error(.cancelled(written: false)) }
        return WatchSubscription(
            jobs, until: until, timeout: options.timeout, traceparent: options.traceparent,
            connection: client.connection)
    }

    private func error(_ failure: CallFailure) -> JoblineError {
        var history = CallHistory(method: Method.sidecarWatchJobs.rawValue, safety: .readonly)
        history.note(failure)
        var error = JoblineError(failure, history)
        error.job = jobs.only
        return error
    }
}

extension [JobReference] {
    /// The only job, for errors; nil if there are several.
    var only: JobReference? { count == 1 ? first : nil }
}
