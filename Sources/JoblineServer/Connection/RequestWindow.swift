internal import JoblineProtocol
internal import NIOCore

/// The requests of one connection that are worked on, and those without id that wait for the one before them.
///
/// A request is open until its final reply is decided. Work that goes on after that, because it was cancelled or ran out of
/// time and has not noticed yet, is bounded too.
struct RequestWindow {
    typealias Instant = ContinuousClock.Instant

    /// A request that may begin.
    struct Admitted: Sendable, Hashable {
        let key: RequestKey
        let request: Request
        let arrival: Instant
        /// nil: it may take as long as it likes.
        let deadline: Instant?

        /// The same in memory of its own: what it was read with is not kept for as long as it waits.
        var onItsOwn: Admitted {
            var request = request
            request.params = request.params.map { ByteBuffer(bytes: $0.readableBytesView) }
            return Admitted(key: key, request: request, arrival: arrival, deadline: deadline)
        }
    }

    /// A request on its way.
    enum Subject: Sendable, Hashable {
        /// Its work has begun.
        case begun(RequestKey)
        /// It waits for the one before it.
        case waiting(Request)
    }

    /// A request whose final reply was decided before its work came to an end.
    struct Ended: Sendable, Hashable {
        let subject: Subject
        /// Where to send the error at once; nil if no reply is due, or if it keeps its place in the order.
        let address: ReplyAddress?
        let error: WireError
    }

    /// A reply that waits for those before it.
    enum ImmediateReply: Sendable, Hashable {
        case error(WireError)
        case acknowledged
    }

    /// What waits behind the request without id that is being worked on.
    private enum Queued {
        case request(Admitted, isWatch: Bool)
        case reply(ReplyAddress, ImmediateReply)
    }

    /// What comes next in order.
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
        /// How many jobs it watches; nil for a request that is no watch.
        var watchedJobs: Int?
        var isOpen = true

        /// True if it takes one of the places that requests with an id have.
        var takesPlace: Bool { !isOrdered && watchedJobs == nil }
    }

    private var entries: [RequestKey: Entry] = [:]
    private var keys: [RequestID: RequestKey] = [:]
    private var queue = CircularBuffer<Queued>()
    /// The request without id that is being worked on.
    private var current: RequestKey?
    private var lastKey: UInt64 = 0
    private var openCount = 0

    /// Entries of requests with an id that are no watches.
    private var concurrentCount = 0
    /// Those of them that wait for their replies.
    private var openConcurrentCount = 0
    /// Entries of requests without id.
    private var orderedEntryCount = 0
    /// Jobs that all watches have together.
    private(set) var watchedJobs = 0
    /// Bytes of parameters that the entries and what waits behind them hold, but for those of watches.
    private(set) var bytes = 0
    /// Bytes of parameters that watches hold.
    private(set) var watchBytes = 0
    /// Entries of requests without id, and what waits behind them.
    var orderedCount: Int { orderedEntryCount + queue.count }
    /// True if another request with an id may come while `limit` wait for their replies. As many again may have theirs, cancelled
    /// or late, and work that has not noticed yet.
    func hasRoom(limit: Int) -> Bool { openConcurrentCount < limit && concurrentCount < 2 * limit }
    /// True if every request has its final reply.
    var isIdle: Bool { openCount == 0 && queue.isEmpty }
    /// True if a reply without id would overtake another.
    var isOrderBusy: Bool { current != nil || !queue.isEmpty }

    func isInFlight(_ id: RequestID) -> Bool { !keys.isEmpty && keys[id] != nil }

    /// Takes a request in.
    ///
    /// - Returns: The request if it may begin now; nil if it waits for the one before it.
    mutating func admit(_ request: Request, at now: Instant, deadline: Instant?, isWatch: Bool = false) -> Admitted? {
        lastKey += 1
        let admitted = Admitted(
            key: RequestKey(number: lastKey), request: request, arrival: now, deadline: deadline)
        if request.id == nil, isOrderBusy {
            bytes += request.bytes
            queue.append(.request(admitted, isWatch: isWatch))
            return nil
        }
        begin(admitted, isWatch: isWatch)
        return admitted
    }

    /// Puts down how many jobs a watch has that began.
    mutating func watches(_ key: RequestKey, jobs: Int) {
        watchedJobs += jobs - (entries[key]?.watchedJobs ?? jobs)
        entries[key]?.watchedJobs = jobs
    }

    /// True if the final reply of a request that began is not decided.
    func isOpen(_ key: RequestKey) -> Bool { entries[key]?.isOpen ?? false }

    /// Keeps a reply back until those before it are sent.
    mutating func enqueue(_ address: ReplyAddress, _ verdict: ImmediateReply) { queue.append(.reply(address, verdict)) }

    /// Takes out what comes next in order.
    mutating func next() -> Next {
        guard current == nil, let queued = queue.popFirst() else { return .nothing }
        switch queued {
        case .request(let admitted, let isWatch):
            bytes -= admitted.request.bytes
            begin(admitted, isWatch: isWatch)
            return .start(admitted)
        case .reply(let address, let verdict):
            return .reply(address, verdict)
        }
    }

    /// The work of a request came to its end.
    ///
    /// - Returns: nil if the final reply was decided before; else the place of the reply, which is nil if none is due.
    mutating func finish(_ key: RequestKey) -> ReplyAddress?? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        count(entry, -1)
        guard entry.isOpen else { return nil }
        close(entry, key)
        return .some(entry.address)
    }

    /// Ends an open request that has this id.
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

    /// Ends every watch, also those that wait for their turn.
    mutating func endWatches(_ error: WireError, waiting: WireError) -> [Ended] {
        let watches = entries.filter { $0.value.isOpen && $0.value.watchedJobs != nil }.keys
        return watches.sorted { $0.number < $1.number }.compactMap { end($0, error) }
            + refuseWaiting(waiting) { _, isWatch in isWatch }
    }

    /// Ends every request whose deadline is not after `now`; of those that wait, the place in the order is kept.
    mutating func expire(at now: Instant) -> [Ended] {
        end(
            where: { $0.map { $0 <= now } ?? false }, begun: .deadlineExceeded(),
            waiting: .deadlineExceeded(processed: false))
    }

    /// Ends every request.
    mutating func abandon() -> [Ended] {
        end(where: { _ in true }, begun: .draining(processed: nil), waiting: .draining(processed: false))
    }

    /// Answers requests that wait for their turn with an error, which keeps their place in the order.
    mutating func refuseWaiting(_ error: WireError, where isDue: (Admitted, Bool) -> Bool = { _, _ in true }) -> [Ended]
    {
        var refused: [Ended] = []
        queue = CircularBuffer(
            queue.compactMap { queued -> Queued? in
                guard case .request(let admitted, let isWatch) = queued, isDue(admitted, isWatch) else { return queued }
                bytes -= admitted.request.bytes
                refused.append(Ended(subject: .waiting(admitted.request), address: nil, error: error))
                return admitted.request.replyAddress.map { .reply($0, .error(error)) }
            })
        return refused
    }

    /// Every request whose final reply is not decided.
    var open: [Subject] {
        let begun = entries.filter(\.value.isOpen).keys.map(Subject.begun)
        let waiting = queue.compactMap { queued -> Subject? in
            switch queued {
            case .request(let admitted, _): .waiting(admitted.request)
            case .reply: nil
            }
        }
        return begun + waiting
    }

    /// The earliest deadline of an open request.
    var nextDeadline: Instant? {
        let begun = entries.values.lazy.filter(\.isOpen).compactMap(\.deadline).min()
        let waiting = queue.lazy.compactMap { queued -> Instant? in
            switch queued {
            case .request(let admitted, _): admitted.deadline
            case .reply: nil
            }
        }.min()
        guard let begun, let waiting else { return begun ?? waiting }
        return min(begun, waiting)
    }

    private mutating func begin(_ admitted: Admitted, isWatch: Bool) {
        let id = admitted.request.id
        let entry = Entry(
            address: admitted.request.replyAddress, bytes: admitted.request.bytes, deadline: admitted.deadline,
            isOrdered: id == nil, watchedJobs: isWatch ? 0 : nil)
        entries[admitted.key] = entry
        count(entry, 1)
        openCount += 1
        if entry.takesPlace { openConcurrentCount += 1 }
        if let id { keys[id] = admitted.key } else { current = admitted.key }
    }

    /// Counts an entry that comes, or goes.
    private mutating func count(_ entry: Entry, _ change: Int) {
        if entry.isOrdered { orderedEntryCount += change }
        if entry.takesPlace { concurrentCount += change }
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
        return ended + refuseWaiting(waiting) { admitted, _ in isDue(admitted.deadline) }
    }

    /// The final reply of a request is decided: its id is free again, and the next one without id may begin.
    private mutating func close(_ entry: Entry, _ key: RequestKey) {
        openCount -= 1
        if entry.takesPlace { openConcurrentCount -= 1 }
        if let id = entry.address?.id { keys[id] = nil }
        if current == key { current = nil }
    }
}
