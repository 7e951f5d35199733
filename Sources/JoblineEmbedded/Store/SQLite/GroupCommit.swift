internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol
internal import Synchronization

/// Group commit: writes that arrive during a commit wait and share the next one.
///
/// A single writer is never delayed; the commits of several begin at intervals, see ``CommitPace``. The writes of a commit are
/// performed in the order of arrival. A write that throws is rolled back alone. Callers are answered when the whole commit is
/// on the disk.
final class GroupCommit: Sendable {
    /// Limits of commits and of waiting writes.
    struct Limits: Sendable {
        /// Maximum number of writes in one commit. Larger commits hardly save more.
        var writes = 512
        /// Maximum number of waiting writes of callers: about those of one second.
        var waiting = 4096
        /// Minimum time from the begin of a commit of many writes to that of the next one.
        var interval = Duration.milliseconds(4)

        init() {}
    }

    /// Origin of a write.
    enum Origin: Sendable, Hashable {
        /// A request, which is refused while too many writes wait.
        case caller
        /// The job queue, which is never refused: it has at most one write for each running job.
        case queue
    }

    /// A write that waits for its commit.
    private struct Write: Sendable {
        let id: UInt64
        /// Changes the database, and returns a closure that answers the caller after the commit. Performed again if another
        /// write of the commit throws.
        let perform: @Sendable (Database) throws -> @Sendable () -> Void
        /// Answers the caller with an error.
        let fail: @Sendable (any Error) -> Void
    }

    /// Counts since the start.
    struct Counts: Sendable, Hashable {
        /// Writes that wait for a commit.
        var waiting = 0
        /// Writes that were committed.
        var writes = 0
        var commits = 0
        /// Commits that were rolled back as a whole.
        var failedCommits = 0
        /// Duration of the last commit, with its writes.
        var lastDuration: Duration?
        /// Whether the database could not take the last write.
        var isFailing = false
    }

    private struct State {
        var waiting: [Write] = []
        var nextID: UInt64 = 0
        var isCommitting = false
        var pace: CommitPace
        var counts = Counts()
    }

    private let pool: DatabasePool
    private let limits: Limits
    private let hold: @Sendable (Duration) -> Void
    private let afterCommit: @Sendable (Database) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - pool: The database.
    ///   - limits: Limits of commits and of waiting writes.
    ///   - hold: Blocks the writing thread for a duration.
    ///   - afterCommit: Called on the writing connection after each commit.
    init(
        _ pool: DatabasePool, limits: Limits = Limits(),
        hold: @escaping @Sendable (Duration) -> Void = SystemClock.holdThread,
        afterCommit: @escaping @Sendable (Database) -> Void = { _ in }
    ) {
        self.pool = pool
        self.limits = limits
        self.hold = hold
        self.afterCommit = afterCommit
        state = Mutex(State(pace: CommitPace(interval: limits.interval)))
    }

    /// Number of writes that wait for a commit.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Counts since the start.
    var counts: Counts {
        state.withLock { state in
            var counts = state.counts
            counts.waiting = state.waiting.count
            return counts
        }
    }

    /// Checks that the database takes writes.
    ///
    /// Writes only if the last write failed or a commit is under way.
    ///
    /// - Throws: The error of the write.
    func check() async throws {
        let isSure = state.withLock { !$0.isCommitting && !$0.counts.isFailing }
        if isSure { return }
        try await write { db in
            // Writes a page without changing its content.
            let id = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            try db.execute(sql: "PRAGMA application_id = \(id)")
        }
    }

    /// Changes the database, and returns once the changes are on the disk.
    ///
    /// A write that is cancelled while it waits does nothing. Once `body` has begun, the write is completed.
    ///
    /// - Parameters:
    ///   - origin: Origin of the write.
    ///   - body: Makes the changes. An error rolls back these changes, and no others.
    /// - Throws: The error of `body`; the database's error if the whole commit failed; `unavailable` if too many writes wait;
    ///   `CancellationError`.
    func write<Value: Sendable>(
        _ origin: Origin = .caller, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let write = Write(id: id) { db in
                    let value = try body(db)
                    return { continuation.resume(returning: value) }
                } fail: { error in
                    continuation.resume(throwing: error)
                }
                add(write, origin)
                // An earlier cancellation did not find the write.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private enum Addition { case waits, begins, refused }

    private func add(_ write: Write, _ origin: Origin) {
        let addition = state.withLock { state -> Addition in
            if origin == .caller, state.waiting.count >= limits.waiting { return .refused }
            state.waiting.append(write)
            guard !state.isCommitting else { return .waits }
            state.isCommitting = true
            return .begins
        }
        switch addition {
        case .waits: break
        case .begins: pool.asyncWriteWithoutTransaction { db in self.commit(db) }
        case .refused:
            write.fail(
                ServiceError(
                    .unavailable, "\(limits.waiting) writes already wait for the disk: try again", processed: false))
        }
    }

    private func cancel(_ id: UInt64) {
        let write = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        write?.fail(CancellationError())
    }

    /// Commits the waiting writes, answers their callers, and continues while more wait.
    private func commit(_ db: Database) {
        let rest = state.withLock { $0.pace.rest(at: .now) }
        // Blocking is fine: the thread only writes, and later writes wait for this commit anyway.
        if rest > .zero { hold(rest) }
        let began = ContinuousClock.now
        let writes = state.withLock { state in
            let writes = Array(state.waiting.prefix(limits.writes))
            state.waiting.removeFirst(writes.count)
            state.pace.began(writes: writes.count, at: began)
            return writes
        }
        let outcome = perform(writes, db)
        state.withLock { $0.counts.add(outcome, duration: began.duration(to: .now)) }
        for answer in outcome.answers { answer() }
        afterCommit(db)
        let goesOn = state.withLock { state in
            state.isCommitting = !state.waiting.isEmpty
            return state.isCommitting
        }
        if goesOn { pool.asyncWriteWithoutTransaction { db in self.commit(db) } }
    }

    /// Performs writes in one transaction.
    private func perform(_ writes: [Write], _ db: Database) -> Outcome {
        // All of them were cancelled.
        guard !writes.isEmpty else { return Outcome() }
        do {
            return try performTogether(writes, db) ?? performApart(writes, db)
        } catch {
            return Outcome(answers: writes.map { write in { write.fail(error) } }, isFailing: Self.isFailure(error))
        }
    }

    /// Performs writes without savepoints, in which SQLite would copy each page before it changes.
    ///
    /// - Returns: nil if a write threw, which is rare; all are rolled back then.
    /// - Throws: The error of the begin or the end of the transaction.
    private func performTogether(_ writes: [Write], _ db: Database) throws -> Outcome? {
        var answers: [@Sendable () -> Void]?
        try db.inTransaction(.immediate) {
            answers = try? writes.map { try $0.perform(db) }
            return answers == nil ? .rollback : .commit
        }
        return answers.map { Outcome(answers: $0, writes: writes.count, isCommitted: true) }
    }

    /// Performs each write in a savepoint of its own.
    ///
    /// - Throws: The error that ended the whole transaction.
    private func performApart(_ writes: [Write], _ db: Database) throws -> Outcome {
        var outcome = Outcome()
        try db.inTransaction(.immediate) {
            for write in writes { try perform(write, db, &outcome) }
            return .commit
        }
        outcome.isCommitted = true
        return outcome
    }

    /// Performs one write in a savepoint.
    ///
    /// - Throws: The error that ended the whole transaction.
    private func perform(_ write: Write, _ db: Database, _ outcome: inout Outcome) throws {
        try db.execute(sql: "SAVEPOINT write")
        do {
            let answer = try write.perform(db)
            try db.execute(sql: "RELEASE write")
            outcome.answers.append(answer)
            outcome.writes += 1
        } catch {
            // On a full or failing disk SQLite may have rolled back the whole transaction by itself.
            guard db.isInsideTransaction else { throw error }
            try db.execute(sql: "ROLLBACK TO write; RELEASE write")
            outcome.answers.append { write.fail(error) }
            if Self.isFailure(error) { outcome.isFailing = true }
        }
    }

    /// Whether an error is the database's and not the write's.
    private static func isFailure(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return error.resultCode != .SQLITE_CONSTRAINT
    }
}

/// Result of a commit.
private struct Outcome {
    /// Closures that answer the callers.
    var answers: [@Sendable () -> Void] = []
    /// Number of successful writes.
    var writes = 0
    var isCommitted = false
    /// Whether the database could not take one of the writes.
    var isFailing = false
}

extension GroupCommit.Counts {
    fileprivate mutating func add(_ outcome: Outcome, duration: Duration) {
        if outcome.answers.isEmpty { return }
        lastDuration = duration
        if outcome.isCommitted {
            commits += 1
            writes += outcome.writes
        } else {
            failedCommits += 1
        }
        // A commit in which nothing succeeded and nothing failed leaves the state as it is.
        if outcome.isFailing || outcome.writes > 0 { isFailing = outcome.isFailing }
    }
}
