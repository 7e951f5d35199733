public import JoblineProtocol

/// When a watch ends by itself.
public typealias WatchEnd = Sidecar.WatchEnd

/// What jobs are like, now and with every change: a sequence that follows them as they go on.
///
/// Each of its iterations is a watch of its own. It begins with the first `next()`, gives the present state of every job and
/// then each change, and ends as `until` says. Leaving the loop, letting go of the iterator or cancelling its task ends it on
/// the daemon, too.
///
/// ```swift
/// for try await job in client.watch([first, second]) {
///     print(job.id, job.state, job.progress ?? 0)
/// }
/// ```
///
/// **Changes.** A consumer that is slower than the jobs is given the latest state of each, in the order in which they changed,
/// and never one twice in a row; the last state is never lost. What is held for it is bounded by the number of jobs.
///
/// **The daemon.** Where its connection is lost, the daemon restarts or is drained, the watch goes on with the next one: what
/// happened in between is told, and what was told already is not told again. Only where no daemon has answered for as long as
/// ``JoblineClient/Configuration/watchPatience`` does it fail, with ``JoblineError/Code/unreachable``.
public struct JobWatch: AsyncSequence, Sendable {
    /// What it gives.
    public typealias Element = Job
    /// What it throws.
    public typealias Failure = JoblineError

    let client: JoblineClient
    /// What is watched; a job that is there twice is watched once.
    public let jobs: [JobReference]
    /// When it ends by itself; nil if it does not.
    public let until: WatchEnd?
    let options: CallOptions

    /// An iteration, which asks the daemon with its first `next()`.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(watch: self) }

    /// One iteration of a watch.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let watch: JobWatch
        private var subscription: WatchSubscription?

        init(watch: JobWatch) { self.watch = watch }

        /// What a job is like now, as soon as that is something new.
        ///
        /// - Parameter actor: Where the caller runs.
        /// - Returns: nil at the end: each of the jobs has ended or is gone, where the watch is until then.
        /// - Throws: ``JoblineError``, once; then there is nothing more. With code `cancelled` if the task was cancelled,
        ///   `timeout` if the options have a timeout and it passed, `closed` if the client was closed, `unreachable` if no
        ///   daemon answered for too long, or what the daemon refused the watch with.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(JoblineError) -> Job? {
            if subscription == nil { subscription = try watch.begin() }
            guard let subscription else { return nil }
            switch await subscription.next(isolation: actor) {
            case .success(let change): return change?.job
            case .failure(let failure): throw watch.error(failure)
            }
        }

        /// What a job is like now, as soon as that is something new; see ``next(isolation:)``.
        public mutating func next() async throws(JoblineError) -> Job? { try await next(isolation: #isolation) }
    }

    private func begin() throws(JoblineError) -> WatchSubscription {
        guard !client.callsUnderWay.isClosed else { throw error(ClientStateMachine.closed(written: false)) }
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
    /// The one job that is there, for errors; nil if there are several.
    var only: JobReference? { count == 1 ? first : nil }
}
