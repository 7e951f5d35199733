internal import JoblineProtocol
internal import Synchronization

/// What happened to the requests on the connections of one event loop.
///
/// Each event loop has its own, so that counting waits for nobody but, for moments, for somebody who reads it.
final class Tally: Sendable {
    /// What became of the requests for one method.
    struct MethodCounts: Sendable {
        private var successes = 0
        private var refusals = 0
        /// Of all but the successes and what came too fast, which are most.
        private var otherOutcomes: [EncodedReply.Outcome: Int] = [:]
        private(set) var latencies = Latencies()

        var outcomes: [EncodedReply.Outcome: Int] {
            var outcomes = otherOutcomes
            if successes > 0 { outcomes[.success] = successes }
            if refusals > 0 { outcomes[.failure(.tooManyRequests)] = refusals }
            return outcomes
        }

        mutating func add(_ outcome: EncodedReply.Outcome, microseconds: Int?, in minute: Int) {
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

    /// Requests, counted so that those received are at any time those waiting, those in flight and those with an outcome.
    struct Counts: Sendable {
        var received = 0
        var waiting = 0
        var recorded = 0
        /// Of each method that exists, by its index.
        var methods = Array(repeating: MethodCounts(), count: Method.allCases.count)
        /// Of requests for methods that do not exist, and of what is no request.
        var unknown = MethodCounts()

        var inFlight: Int { received - waiting - recorded }
    }

    /// The name for requests of no known method.
    static let unknownMethod = "unknown"

    private let state = Mutex(Counts())
    private let bytesRead = Atomic(0)
    private let bytesWritten = Atomic(0)
    private let bytesUnsent = Atomic(0)
    private let requestsPending = Atomic(0)
    private let watchesOpen = Atomic(0)
    private let jobsWatched = Atomic(0)
    private let notificationsGiven = Atomic(0)

    /// The counts now.
    var counts: Counts { state.withLock { $0 } }
    var bytesIn: Int { bytesRead.load(ordering: .relaxed) }
    var bytesOut: Int { bytesWritten.load(ordering: .relaxed) }
    var unsentBytes: Int { bytesUnsent.load(ordering: .relaxed) }

    /// Requests that wait for a place at their service.
    var pending: Int { requestsPending.load(ordering: .relaxed) }

    var watches: Int { watchesOpen.load(ordering: .relaxed) }
    /// Jobs that these have together.
    var watchedJobs: Int { jobsWatched.load(ordering: .relaxed) }
    /// Notifications of watches since the start.
    var notifications: Int { notificationsGiven.load(ordering: .relaxed) }

    // MARK: Requests

    /// A frame came in whole.
    func received() { state.withLock { $0.received += 1 } }

    /// A request waits for its turn.
    func queued() { state.withLock { $0.waiting += 1 } }

    /// The turn of a request has come.
    func dequeued() { state.withLock { $0.waiting -= 1 } }

    /// So many more requests wait for a place at their service.
    func pending(_ change: Int) { requestsPending.wrappingAdd(change, ordering: .relaxed) }

    /// So many more watches are open.
    func watches(_ change: Int, jobs: Int) {
        watchesOpen.wrappingAdd(change, ordering: .relaxed)
        jobsWatched.wrappingAdd(jobs, ordering: .relaxed)
    }

    func notified(_ count: Int) { notificationsGiven.wrappingAdd(count, ordering: .relaxed) }

    /// The outcome of a request is decided; to be called once for each.
    ///
    /// - Parameters:
    ///   - method: nil if it does not exist, or is not known.
    ///   - isWaiting: True if the turn of the request had not come.
    ///   - microseconds: From its arrival, if it was carried out.
    ///   - minute: The present, for the latency.
    func record(
        _ outcome: EncodedReply.Outcome, of method: Method?, isWaiting: Bool = false, microseconds: Int? = nil,
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

    /// So many more bytes wait for room in a socket.
    func unsent(_ change: Int) { bytesUnsent.wrappingAdd(change, ordering: .relaxed) }

    func sent(_ bytes: Int) { bytesWritten.wrappingAdd(bytes, ordering: .relaxed) }
}

extension Tally.Counts {
    /// - Parameter minute: The present, so that both sides know what is recent.
    mutating func add(_ other: Tally.Counts, in minute: Int) {
        received += other.received
        waiting += other.waiting
        recorded += other.recorded
        for index in methods.indices { methods[index].add(other.methods[index], in: minute) }
        unknown.add(other.unknown, in: minute)
    }
}
