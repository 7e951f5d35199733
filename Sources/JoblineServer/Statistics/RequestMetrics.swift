internal import JoblineProtocol
internal import Synchronization

/// Counters of requests, watches and bytes of one event loop.
///
/// Each event loop has its own, so counting contends only with a reader of the statistics.
final class RequestMetrics: Sendable {
    /// Outcomes and latencies of one method.
    struct MethodCounts: Sendable {
        private var successes = 0
        private var refusals = 0
        /// Outcomes other than success and TooManyRequests, which are the most frequent ones.
        private var otherOutcomes: [RequestOutcome: Int] = [:]
        private(set) var latencies = Latencies()

        var outcomes: [RequestOutcome: Int] {
            var outcomes = otherOutcomes
            if successes > 0 { outcomes[.success] = successes }
            if refusals > 0 { outcomes[.failure(.tooManyRequests)] = refusals }
            return outcomes
        }

        mutating func add(_ outcome: RequestOutcome, microseconds: Int?, in minute: Int) {
            switch outcome {
            case .success: successes += 1
            case .failure(.tooManyRequests): refusals += 1
            case .failure, .lost: otherOutcomes[outcome, default: 0] += 1
            }
            if let microseconds { latencies.add(microseconds, in: minute) }
        }

        mutating func add(_ other: MethodCounts, in minute: Int) {
            successes += other.successes
            refusals += other.refusals
            otherOutcomes.merge(other.otherOutcomes, uniquingKeysWith: +)
            latencies.add(other.latencies, in: minute)
        }
    }

    /// Request counters. At any time, received = waiting + in flight + recorded.
    struct Counts: Sendable {
        var received = 0
        var waiting = 0
        var recorded = 0
        /// Counters by method index.
        var methods = Array(repeating: MethodCounts(), count: Method.allCases.count)
        /// Counters of unknown methods and of input that is no request.
        var unknown = MethodCounts()

        var inFlight: Int { received - waiting - recorded }
    }

    /// Method name of requests for unknown methods.
    static let unknownMethod = "unknown"

    private let state = Mutex(Counts())
    private let bytesRead = Atomic(0)
    private let bytesWritten = Atomic(0)
    private let bytesUnsent = Atomic(0)
    private let requestsPending = Atomic(0)
    private let watchesOpen = Atomic(0)
    private let jobsWatched = Atomic(0)
    private let notificationsGiven = Atomic(0)

    /// Snapshot of the request counters.
    var counts: Counts { state.withLock { $0 } }
    var bytesIn: Int { bytesRead.load(ordering: .relaxed) }
    var bytesOut: Int { bytesWritten.load(ordering: .relaxed) }
    var unsentBytes: Int { bytesUnsent.load(ordering: .relaxed) }

    /// Number of requests that wait for a slot.
    var pending: Int { requestsPending.load(ordering: .relaxed) }

    var watches: Int { watchesOpen.load(ordering: .relaxed) }
    /// Number of jobs in all open watches.
    var watchedJobs: Int { jobsWatched.load(ordering: .relaxed) }
    /// Notifications of watches since the start.
    var notifications: Int { notificationsGiven.load(ordering: .relaxed) }

    // MARK: Requests

    /// Counts a complete frame.
    func received() { state.withLock { $0.received += 1 } }

    /// Counts a request that waits for its predecessor.
    func queued() { state.withLock { $0.waiting += 1 } }

    /// Counts a request whose predecessor has ended.
    func dequeued() { state.withLock { $0.waiting -= 1 } }

    /// Changes the number of requests that wait for a slot.
    func pending(_ change: Int) { requestsPending.wrappingAdd(change, ordering: .relaxed) }

    /// Changes the number of open watches and of their jobs.
    func watches(_ change: Int, jobs: Int) {
        watchesOpen.wrappingAdd(change, ordering: .relaxed)
        jobsWatched.wrappingAdd(jobs, ordering: .relaxed)
    }

    func notified(_ count: Int) { notificationsGiven.wrappingAdd(count, ordering: .relaxed) }

    /// Records the outcome of a request; called once for each.
    ///
    /// - Parameters:
    ///   - method: Method of the request; nil if unknown.
    ///   - isWaiting: Whether the request was still waiting for its predecessor.
    ///   - microseconds: Latency since arrival; nil if the request was not carried out.
    ///   - minute: Current minute.
    func record(
        _ outcome: RequestOutcome, of method: Method?, isWaiting: Bool = false, microseconds: Int? = nil,
        minute: Int
    ) {
        state.withLock { counts in
            counts.recorded += 1
            if isWaiting { counts.waiting -= 1 }
            if let method {
                counts.methods[method.index].add(outcome, microseconds: microseconds, in: minute)
            } else {
                counts.unknown.add(outcome, microseconds: microseconds, in: minute)
            }
        }
    }

    // MARK: Bytes

    func read(_ bytes: Int) { bytesRead.wrappingAdd(bytes, ordering: .relaxed) }

    /// Changes the number of bytes that wait for room in a socket.
    func unsent(_ change: Int) { bytesUnsent.wrappingAdd(change, ordering: .relaxed) }

    func sent(_ bytes: Int) { bytesWritten.wrappingAdd(bytes, ordering: .relaxed) }
}

extension RequestMetrics.Counts {
    /// Adds the counters of another event loop.
    ///
    /// - Parameter minute: Current minute.
    mutating func add(_ other: RequestMetrics.Counts, in minute: Int) {
        received += other.received
        waiting += other.waiting
        recorded += other.recorded
        for index in methods.indices { methods[index].add(other.methods[index], in: minute) }
        unknown.add(other.unknown, in: minute)
    }
}
