internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol
internal import Synchronization

/// Group commit: the writes that come while a commit is under way wait, and then go into the next one together.
///
/// A lone writer is never delayed for the sake of company; where there are several, their commits begin at intervals, see
/// ``CommitPace``. The writes of a commit are carried out in the order they came, and one that throws undoes only itself.
/// Callers hear of their writes when the disk has them all.
final class GroupCommit: Sendable {
    /// How much is taken at once.
    struct Limits: Sendable {
        /// Writes in one commit. What a commit costs beside its writes is spread well before this.
        var writes = 512
        /// Callers' writes that wait for a commit: about a second's worth.
        var waiting = 4096
        /// From the beginning of a commit that many writes shared to that of the next one, at least.
        var interval = Duration.milliseconds(4)

        init() {}
    }

    /// Who asks for a write.
    enum Origin: Sendable, Hashable {
        /// A request, which is refused while too many wait.
        case caller
        /// The queue itself. It has no more writes under way than jobs running, and is never refused.
        case queue
    }

    /// A write on its way.
    private struct Write: Sendable {
        let id: UInt64
        /// Changes the database, and gives back what tells the caller that the changes are committed. Where another write throws
        /// that is undone, and done again.
        let perform: @Sendable (Database) throws -> @Sendable () -> Void
        /// Tells the caller that nothing came of the write.
        let fail: @Sendable (any Error) -> Void
    }

    /// What was done since the start.
    struct Counts: Sendable, Hashable {
        /// Writes that wait for a commit.
        var waiting = 0
        /// Writes that were committed.
        var writes = 0
        var commits = 0
        /// Commits of which nothing came.
        var failedCommits = 0
        /// How long the last commit took, with its writes.
        var lastDuration: Duration?
        /// True if what was written last found the database unable to take it.
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
    ///   - limits: How much is taken at once.
    ///   - hold: Lets the thread that writes sleep.
    ///   - afterCommit: What is to be done on the writing connection between two commits.
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

    /// How many writes wait for a commit.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// What was done since the start.
    var counts: Counts {
        state.withLock { state in
            var counts = state.counts
            counts.waiting = state.waiting.count
            return counts
        }
    }

    /// Finds out whether the database takes writes.
    ///
    /// Where nothing is under way and the last write went well that is the answer; else something is written.
    ///
    /// - Throws: Why it does not.
    func check() async throws {
        let isSure = state.withLock { !$0.isCommitting && !$0.counts.isFailing }
        if isSure { return }
        try await write { db in
            // Writes the page that has it, although it stays the same.
            let id = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            try db.execute(sql: "PRAGMA application_id = \(id)")
        }
    }

    /// Changes the database, and returns once the changes are on the disk.
    ///
    /// Cancelled while it waits, the write is taken out and does nothing; once `body` has begun it is carried to its end.
    ///
    /// - Parameters:
    ///   - origin: Who asks.
    ///   - body: Makes the changes. What it throws undoes them, and nobody else's.
    /// - Throws: What `body` throws; the database's error if all writes of the commit were lost; `unavailable` if too many
    ///   writes wait; `CancellationError`.
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
                // A cancellation that came before the write was added did not find it.
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
                    .unavailable, "\(limits.waiting) writes wait for the disk already: try again", processed: false))
        }
    }

    private func cancel(_ id: UInt64) {
        let write = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        write?.fail(CancellationError())
    }

    /// Commits what waits, answers, and goes on while there is more.
    private func commit(_ db: Database) {
        let rest = state.withLock { $0.pace.rest(at: .now) }
        // The thread has nothing else to do: what comes meanwhile waits for this commit.
        if rest > .zero { hold(rest) }
        let began = ContinuousClock.now
        let writes = state.withLock { state in
            let writes = Array(state.waiting.prefix(limits.writes))
            state.waiting.removeFirst(writes.count)
            state.pace.began(writes: writes.count, at: began)
            return writes
        }
        let outcome = carryOut(writes, db)
        state.withLock { $0.counts.add(outcome, duration: began.duration(to: .now)) }
        for answer in outcome.answers { answer() }
        afterCommit(db)
        let goesOn = state.withLock { state in
            state.isCommitting = !state.waiting.isEmpty
            return state.isCommitting
        }
        if goesOn { pool.asyncWriteWithoutTransaction { db in self.commit(db) } }
    }

    /// Carries writes out in one transaction.
    private func carryOut(_ writes: [Write], _ db: Database) -> Outcome {
        // All of them were cancelled.
        guard !writes.isEmpty else { return Outcome() }
        do {
            return try carryOutTogether(writes, db) ?? carryOutApart(writes, db)
        } catch {
            return Outcome(answers: writes.map { write in { write.fail(error) } }, isFailing: Self.isFailure(error))
        }
    }

    /// Carries out writes of which none throws, as hardly any does: to undo one alone SQLite would have to copy each page first.
    ///
    /// - Returns: nil if one of them threw, and all are undone.
    /// - Throws: What kept the transaction from its beginning or its end.
    private func carryOutTogether(_ writes: [Write], _ db: Database) throws -> Outcome? {
        var answers: [@Sendable () -> Void]?
        try db.inTransaction(.immediate) {
            answers = try? writes.map { try $0.perform(db) }
            return answers == nil ? .rollback : .commit
        }
        return answers.map { Outcome(answers: $0, writes: writes.count, isCommitted: true) }
    }

    /// Carries each write out in a savepoint of its own.
    ///
    /// - Throws: What ended the whole transaction.
    private func carryOutApart(_ writes: [Write], _ db: Database) throws -> Outcome {
        var outcome = Outcome()
        try db.inTransaction(.immediate) {
            for write in writes { try carryOut(write, db, &outcome) }
            return .commit
        }
        outcome.isCommitted = true
        return outcome
    }

    /// Carries one write out in a savepoint.
    ///
    /// - Throws: What ended the whole transaction.
    private func carryOut(_ write: Write, _ db: Database, _ outcome: inout Outcome) throws {
        try db.execute(sql: "SAVEPOINT write")
        do {
            let answer = try write.perform(db)
            try db.execute(sql: "RELEASE write")
            outcome.answers.append(answer)
            outcome.writes += 1
        } catch {
            // Where the disk is full or fails, SQLite may have undone everything by itself, also what went before.
            guard db.isInsideTransaction else { throw error }
            try db.execute(sql: "ROLLBACK TO write; RELEASE write")
            outcome.answers.append { write.fail(error) }
            if Self.isFailure(error) { outcome.isFailing = true }
        }
    }

    /// Whether the database could not take a write, and not the write was at fault.
    private static func isFailure(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return error.resultCode != .SQLITE_CONSTRAINT
    }
}

/// How a commit ended.
private struct Outcome {
    /// What tells each caller how its write ended.
    var answers: [@Sendable () -> Void] = []
    /// Writes that went well.
    var writes = 0
    var isCommitted = false
    /// True if the database could not take all of them.
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
        // A commit in which nothing went well and nothing failed says nothing.
        if outcome.isFailing || outcome.writes > 0 { isFailing = outcome.isFailing }
    }
}
