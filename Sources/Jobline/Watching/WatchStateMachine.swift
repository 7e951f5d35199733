internal import JoblineProtocol
internal import NIOCore

/// Decides what the consumer of a watch is given next.
///
/// Keeps what arrived last of each job, however slow the consumer is, so that its size is bounded by the number of jobs. Generic
/// over what waits for a change.
struct WatchStateMachine<Waiter>: ~Copyable {
    private enum State {
        /// Changes arrive. Exit: `ended`.
        case watching(Waiter?)
        /// No more changes arrive; those that did are still given out, then the failure, once. No exit.
        case ended(CallFailure?)
    }

    private struct Entry {
        /// What the consumer was given last.
        var delivered: JobChange?
        /// What it is given next.
        var pending: JobChange?
        /// True while the job stands in `order`.
        var isQueued = false
        var hasEnded = false
    }

    /// Most jobs that one request may name.
    static var maximumJobsInRequest: Int { 1000 }

    private let until: Sidecar.WatchEnd?
    private let parts: [ArraySlice<JobReference>]
    private var entries: [JobReference: Entry]
    /// Jobs in the order in which their first change arrived that was not given out.
    private var order = CircularBuffer<JobReference>()
    private var openParts: Int
    private var state: State

    /// - Parameters:
    ///   - jobs: What to watch; a job that is there twice is watched once.
    ///   - until: When it ends by itself; nil for never.
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

    /// How many requests it takes.
    var partCount: Int { parts.count }

    /// What is left to ask for.
    ///
    /// - Parameter part: Which of the requests, from 0 on.
    /// - Returns: nil if nothing is left.
    func request(_ part: Int) -> Sidecar.WatchJobsRequest? {
        guard case .watching = state else { return nil }
        let jobs = until == .terminal ? parts[part].filter { entries[$0]?.hasEnded == false } : Array(parts[part])
        return jobs.isEmpty ? nil : Sidecar.WatchJobsRequest(jobs: jobs, until: until)
    }

    enum ChangedAction {
        /// It is kept, or known already.
        case none
        case deliver(JobChange, to: Waiter)
    }

    /// The server told what a job is like now.
    mutating func changed(_ change: JobChange) -> ChangedAction {
        guard case .watching(let waiter) = state, let place = entries.index(forKey: change.reference) else {
            return .none
        }
        if change.isLast { entries.values[place].hasEnded = true }
        // Told again, as after every reconnect.
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
        /// Nothing else comes: tell who waits, and end the other requests if this one failed.
        case end(CallFailure?, waiter: Waiter?, endsOthers: Bool)
    }

    /// One of the requests ended.
    mutating func ended(_ failure: CallFailure?) -> EndedAction {
        guard case .watching(let waiter) = state else { return .none }
        openParts -= 1
        guard failure != nil || openParts == 0 else { return .none }
        // Who waits has been given everything, and is told the end itself.
        state = .ended(waiter == nil ? failure : nil)
        return .end(failure, waiter: waiter, endsOthers: failure != nil)
    }

    enum NextAction {
        case deliver(JobChange)
        case end(CallFailure?)
        case wait
    }

    /// The consumer asks for the next change.
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
        /// End the requests, and tell who waits.
        case cancel(Waiter?)
    }

    /// The consumer's task was cancelled, or the consumer is gone.
    mutating func cancelled() -> CancelAction {
        order.removeAll()
        guard case .watching(let waiter) = state else { return .none }
        state = .ended(waiter == nil ? .cancelled(written: true) : nil)
        return .cancel(waiter)
    }
}
