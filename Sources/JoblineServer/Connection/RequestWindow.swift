internal import JoblineProtocol
internal import NIOCore

/// Requests of one connection that are in flight, and requests without id that wait for their predecessor.
///
/// A request is open until its final reply is decided. Work that goes on after that, because it was cancelled or timed out and has
/// not noticed yet, is bounded too.
struct RequestWindow {
    typealias Instant = ContinuousClock.Instant

    /// Request that may begin.
    struct Admitted: Sendable, Hashable {
        let key: RequestKey
        let request: Request
        let arrival: Instant
        /// nil if the request has no deadline.
        let deadline: Instant?
        /// Number of jobs that the request watches; nil if it is no watch.
        let watchedJobs: Int?
    }

    enum Subject: Sendable, Hashable {
        /// Request whose work has begun.
        case begun(RequestKey)
        /// Request that waits for its predecessor.
        case waiting(Request)
    }

    /// Request whose final reply was decided before its work ended.
    struct Ended: Sendable, Hashable {
        let subject: Subject
        /// Address to send the error to at once; nil if no reply is due, or if it keeps its place in the order.
        let address: ReplyAddress?
        let error: WireError
    }

    /// Reply that needs no work.
    enum ImmediateReply: Sendable, Hashable {
        case error(WireError)
        case acknowledged
    }

    /// Element of the order behind the current request without id.
    private enum Queued {
        case request(Admitted)
        case reply(ReplyAddress, ImmediateReply)
    }

    /// Next element of the order.
    enum Next {
        case nothing
        case start(Admitted)
        case reply(ReplyAddress, ImmediateReply)
    }

    private struct Entry {
        let address: ReplyAddress?
        let bytes: Int
        let deadline: Instant?
        let isOrdered: Bool
        /// Number of jobs that the request watches; nil if it is no watch.
        let watchedJobs: Int?
        var isOpen = true

        /// Whether it takes one of the slots that requests with an id have.
        var takesSlot: Bool { !isOrdered && watchedJobs == nil }
    }

    private var entries: [RequestKey: Entry] = [:]
    private var keys: [RequestID: RequestKey] = [:]
    private var queue = CircularBuffer<Queued>()
    /// Request without id that is in flight.
    private var current: RequestKey?
    private var lastKey: UInt64 = 0
    private var openCount = 0

    /// Number of entries that take a slot.
    private var concurrentCount = 0
    /// Number of open entries that take a slot.
    private var openConcurrentCount = 0
    /// Number of entries of requests without id.
    private var orderedEntryCount = 0
    /// Number of jobs in all watches.
    private(set) var watchedJobs = 0
    /// Size of the parameters of entries and queue without watches, in bytes.
    private(set) var bytes = 0
    /// Size of the parameters of watches, in bytes.
    private(set) var watchBytes = 0
    /// Number of requests without id, in flight or queued, and of queued replies.
    var orderedCount: Int { orderedEntryCount + queue.count }
    /// Whether every request has its final reply.
    var isIdle: Bool { openCount == 0 && queue.isEmpty }
    /// Whether a reply without id would overtake another.
    var isOrderBusy: Bool { current != nil || !queue.isEmpty }

    /// Reason for which a request with an id does not fit into the window.
    enum Obstacle {
        case duplicateID, tooMany, tooManyBytes

        func error(_ limits: ConnectionStateMachine.Limits) -> WireError {
            switch self {
            case .duplicateID: .duplicateID()
            case .tooMany: .windowFull(limits.inFlight)
            case .tooManyBytes: .windowFull(bytes: limits.inFlightBytes)
            }
        }
    }

    /// Returns the reason for which a request with this id and as many bytes of parameters does not fit.
    func obstacle(
        to id: RequestID, _ requestBytes: Int, isWatch: Bool, _ limits: ConnectionStateMachine.Limits
    ) -> Obstacle? {
        if isInFlight(id) { return .duplicateID }
        if isWatch { return nil }
        // As many again may have their final reply, cancelled or timed out, and work on because they have not noticed.
        if openConcurrentCount >= limits.inFlight || concurrentCount >= 2 * limits.inFlight { return .tooMany }
        return bytes == 0 || bytes + requestBytes <= limits.inFlightBytes ? nil : .tooManyBytes
    }

    func isInFlight(_ id: RequestID) -> Bool { !keys.isEmpty && keys[id] != nil }

    /// Admits a request.
    ///
    /// - Returns: The request if it may begin now: call ``begin(_:)`` if it does. nil if it waits for its predecessor.
    mutating func admit(
        _ request: Request, at now: Instant, deadline: Instant?, watchedJobs: Int? = nil
    ) -> Admitted? {
        lastKey += 1
        let admitted = Admitted(
            key: RequestKey(number: lastKey), request: request, arrival: now, deadline: deadline,
            watchedJobs: watchedJobs)
        guard request.id == nil, isOrderBusy else { return admitted }
        bytes += request.bytes
        queue.append(.request(admitted))
        return nil
    }

    /// Adds an admitted request whose work has begun.
    mutating func begin(_ admitted: Admitted) {
        let id = admitted.request.id
        let entry = Entry(
            address: admitted.request.replyAddress, bytes: admitted.request.bytes, deadline: admitted.deadline,
            isOrdered: id == nil, watchedJobs: admitted.watchedJobs)
        entries[admitted.key] = entry
        count(entry, 1)
        openCount += 1
        if entry.takesSlot { openConcurrentCount += 1 }
        if let id { keys[id] = admitted.key } else { current = admitted.key }
    }

    /// Whether a request has begun and its final reply is not decided.
    func isOpen(_ key: RequestKey) -> Bool { entries[key]?.isOpen ?? false }

    /// Queues a reply behind those before it.
    mutating func enqueue(_ address: ReplyAddress, _ reply: ImmediateReply) { queue.append(.reply(address, reply)) }

    /// Removes the next element of the order; nothing while a request without id is in flight.
    mutating func next() -> Next {
        guard current == nil, let queued = queue.popFirst() else { return .nothing }
        switch queued {
        case .request(let admitted):
            bytes -= admitted.request.bytes
            return .start(admitted)
        case .reply(let address, let reply):
            return .reply(address, reply)
        }
    }

    /// The work of a request ended.
    ///
    /// - Returns: nil if the final reply was decided before; otherwise the address of the reply, which is nil if none is due.
    mutating func finish(_ key: RequestKey) -> ReplyAddress?? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        count(entry, -1)
        guard entry.isOpen else { return nil }
        close(entry, key)
        return .some(entry.address)
    }

    /// Ends the open request that has this id.
    mutating func end(_ id: RequestID, _ error: WireError) -> Ended? {
        guard let key = keys[id] else { return nil }
        return end(key, error)
    }

    /// Ends an open request.
    mutating func end(_ key: RequestKey, _ error: WireError) -> Ended? {
        guard var entry = entries[key], entry.isOpen else { return nil }
        close(entry, key)
        entry.isOpen = false
        entries[key] = entry
        return Ended(subject: .begun(key), address: entry.address, error: error)
    }

    /// Ends every watch, in flight or queued.
    mutating func endWatches(_ error: WireError, waiting: WireError) -> [Ended] {
        let watches = entries.filter { $0.value.isOpen && $0.value.watchedJobs != nil }.keys
        return watches.sorted { $0.number < $1.number }.compactMap { end($0, error) }
            + refuseWaiting(waiting) { $0.watchedJobs != nil }
    }

    /// Ends every request whose deadline is not after `now`. The error of a queued request keeps its place in the order.
    mutating func expire(at now: Instant) -> [Ended] {
        end(
            where: { $0.map { $0 <= now } ?? false }, begun: .deadlineExceeded(),
            waiting: .deadlineExceeded(processed: false))
    }

    /// Ends every request.
    mutating func abandon() -> [Ended] {
        end(where: { _ in true }, begun: .draining(processed: nil), waiting: .draining(processed: false))
    }

    /// Replaces queued requests by an error, which keeps their place in the order.
    mutating func refuseWaiting(_ error: WireError, where isDue: (Admitted) -> Bool = { _ in true }) -> [Ended] {
        var refused: [Ended] = []
        queue = CircularBuffer(
            queue.compactMap { queued -> Queued? in
                guard case .request(let admitted) = queued, isDue(admitted) else { return queued }
                bytes -= admitted.request.bytes
                refused.append(Ended(subject: .waiting(admitted.request), address: nil, error: error))
                return admitted.request.replyAddress.map { .reply($0, .error(error)) }
            })
        return refused
    }

    /// Queued requests.
    var waiting: [Request] { queuedRequests.map(\.request) }

    private var queuedRequests: [Admitted] {
        queue.compactMap { queued in
            switch queued {
            case .request(let admitted): admitted
            case .reply: nil
            }
        }
    }

    /// Earliest deadline of an open or queued request.
    var nextDeadline: Instant? {
        let begun = entries.values.lazy.filter(\.isOpen).compactMap(\.deadline).min()
        let waiting = queue.isEmpty ? nil : queuedRequests.compactMap(\.deadline).min()
        guard let begun, let waiting else { return begun ?? waiting }
        return min(begun, waiting)
    }

    /// Counts an entry that is added (1) or removed (-1).
    private mutating func count(_ entry: Entry, _ change: Int) {
        if entry.isOrdered { orderedEntryCount += change }
        if entry.takesSlot { concurrentCount += change }
        if let jobs = entry.watchedJobs {
            watchedJobs += change * jobs
            watchBytes += change * entry.bytes
        } else {
            bytes += change * entry.bytes
        }
    }

    private mutating func end(
        where isDue: (Instant?) -> Bool, begun: WireError, waiting: WireError
    ) -> [Ended] {
        let due = entries.filter { $0.value.isOpen && isDue($0.value.deadline) }.keys
        let ended = due.sorted { $0.number < $1.number }.compactMap { end($0, begun) }
        return ended + refuseWaiting(waiting) { isDue($0.deadline) }
    }

    /// The final reply of a request is decided: its id is free again, and the next one without id may begin.
    private mutating func close(_ entry: Entry, _ key: RequestKey) {
        openCount -= 1
        if entry.takesSlot { openConcurrentCount -= 1 }
        if let id = entry.address?.id { keys[id] = nil }
        if current == key { current = nil }
    }
}
