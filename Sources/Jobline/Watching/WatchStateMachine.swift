internal import JoblineProtocol
internal import NIOCore

/// State machine of one watch: delivers changes to its consumer.
///
/// Keeps only the latest change of each job, so that a slow consumer cannot grow it beyond the number of jobs. Generic
/// over the waiting continuation.
struct WatchStateMachine<Waiter>: ~Copyable {
    private enum State {
        /// Changes arrive. Exit: `ended`.
        case watching(Waiter?)
        /// No more changes arrive. Pending changes are still delivered, then the failure, once. No exit.
        case ended(CallFailure?)
    }

    private struct Entry {
        /// Change delivered last.
        var delivered: JobChange?
        /// Change to deliver next.
        var pending: JobChange?
        /// Whether the job is in `order`.
        var isQueued = false
        var hasEnded = false
    }

    /// Maximum number of jobs in one request.
    static var maximumJobsInRequest: Int { 1000 }

    private let until: Sidecar.WatchEnd?
    private let parts: [ArraySlice<JobReference>]
    private var entries: [JobReference: Entry]
    /// Jobs with a pending change, in order of arrival.
    private var order = CircularBuffer<JobReference>()
    private var openParts: Int
    private var state: State

    /// - Parameters:
    ///   - jobs: Jobs to watch; duplicates are watched once.
    ///   - until: Condition that ends the watch; nil for none.
    init(_ jobs: [JobReference], until: Sidecar.WatchEnd?) {
        self.until = until
        var entries: [JobReference: Entry] = [:]
        let distinct = jobs.filter { entries.updateValue(Entry(), forKey: $0) == nil }
        parts = stride(from: 0, to: distinct.count, by: Self.maximumJobsInRequest).map {
            distinct[$0..<min($0 + Self.maximumJobsInRequest, distinct.count)]
        }
        self.entries = entries
        openParts = parts.count
        state = parts.isEmpty ? .ended(nil) : .watching(nil)
    }

    /// Number of requests that the watch consists of.
    var partCount: Int { parts.count }

    /// Returns the request for the jobs that have not ended.
    ///
    /// - Parameter part: Index of the request, from 0.
    /// - Returns: The request; nil if no job is left to watch.
    func request(_ part: Int) -> Sidecar.WatchJobsRequest? {
        guard case .watching = state else { return nil }
        let jobs = until == .terminal ? parts[part].filter { entries[$0]?.hasEnded == false } : Array(parts[part])
        return jobs.isEmpty ? nil : Sidecar.WatchJobsRequest(jobs: jobs, until: until)
    }

    enum ChangedAction {
        /// The change is stored, or is already known.
        case none
        case deliver(JobChange, to: Waiter)
    }

    /// Handles a change of a job's state.
    mutating func changed(_ change: JobChange) -> ChangedAction {
        guard case .watching(let waiter) = state, let place = entries.index(forKey: change.reference) else {
            return .none
        }
        if change.isLast { entries.values[place].hasEnded = true }
        // The daemon repeats current states after every reconnect.
        guard change != entries.values[place].delivered else {
            entries.values[place].pending = nil
            return .none
        }
        if let waiter {
            state = .watching(nil)
            entries.values[place].delivered = change
            return .deliver(change, to: waiter)
        }
        entries.values[place].pending = change
        if !entries.values[place].isQueued {
            entries.values[place].isQueued = true
            order.append(change.reference)
        }
        return .none
    }

    enum EndedAction {
        case none
        /// The watch ends: resume the waiter, and cancel the other requests if this one failed.
        case end(CallFailure?, waiter: Waiter?, endsOthers: Bool)
    }

    /// Handles the end of one request.
    mutating func ended(_ failure: CallFailure?) -> EndedAction {
        guard case .watching(let waiter) = state else { return .none }
        openParts -= 1
        guard failure != nil || openParts == 0 else { return .none }
        // A waiting consumer has received every change; the action reports the end to it directly.
        state = .ended(waiter == nil ? failure : nil)
        return .end(failure, waiter: waiter, endsOthers: failure != nil)
    }

    enum NextAction {
        case deliver(JobChange)
        case end(CallFailure?)
        case wait
    }

    /// Handles the consumer's request for the next change.
    mutating func next(_ waiter: Waiter) -> NextAction {
        while let job = order.popFirst() {
            entries[job]?.isQueued = false
            guard let change = entries[job]?.pending else { continue }
            entries[job]?.pending = nil
            entries[job]?.delivered = change
            return .deliver(change)
        }
        switch state {
        case .watching:
            state = .watching(waiter)
            return .wait
        case .ended(let failure):
            state = .ended(nil)
            return .end(failure)
        }
    }

    enum CancelAction {
        case none
        /// Cancel the requests and resume the waiter.
        case cancel(Waiter?)
    }

    /// Handles cancellation or deinitialization of the consumer.
    mutating func cancelled() -> CancelAction {
        order.removeAll()
        guard case .watching(let waiter) = state else { return .none }
        state = .ended(waiter == nil ? .cancelled(written: true) : nil)
        return .cancel(waiter)
    }
}
