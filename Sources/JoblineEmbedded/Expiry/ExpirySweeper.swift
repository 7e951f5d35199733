internal import JoblineProtocol
internal import Logging

/// Removes what is kept of jobs that have expired.
///
/// Nobody sees an expired job, so nothing but the size of the database depends on when this happens: it is done in small
/// batches, with breaths in which others write.
struct ExpirySweeper: Sendable {
    /// Jobs removed in one transaction: some 10 ms in which others who write wait.
    static let batch = 100
    /// How long others have the store for themselves between two batches.
    static let breath = Duration.milliseconds(50)
    /// The longest time between two looks. A job that had expired before it ended is not what the sweeper waits for.
    static let longestRest = Duration.seconds(3600)
    /// How long to leave the store alone after it failed.
    static let pause = Duration.seconds(60)

    let store: any JobStore
    let changes: JobChanges
    let now: @Sendable () -> Timestamp
    let sleep: @Sendable (Duration) async throws -> Void
    let logger: Logger

    init(
        store: any JobStore, changes: JobChanges, now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }, logger: Logger
    ) {
        self.store = store
        self.changes = changes
        self.now = now
        self.sleep = sleep
        self.logger = logger
    }

    /// Sweeps at once and whenever a job expires, until the task is cancelled.
    func run() async {
        var hasFailed = false
        while !Task.isCancelled {
            let rest: Duration
            do {
                rest = try await sweep()
                hasFailed = false
            } catch is CancellationError {
                return
            } catch {
                if !hasFailed {
                    logger.error(
                        "expired jobs cannot be removed; trying again every minute",
                        metadata: ["error": "\(error.logText)"])
                }
                hasFailed = true
                rest = Self.pause
            }
            do { try await sleep(rest) } catch { return }
        }
    }

    /// Removes one batch.
    ///
    /// - Returns: How long to rest after it.
    private func sweep() async throws -> Duration {
        let removed = try await store.removeExpired(now: now(), limit: Self.batch)
        for key in removed { changes.tell(key, .removal) }
        guard removed.count < Self.batch else { return Self.breath }
        return Self.rest(until: try await store.firstExpiry(), from: now())
    }

    /// From `now` to the next expiry, but neither less than a breath nor more than the longest rest.
    static func rest(until expiry: Timestamp?, from now: Timestamp) -> Duration {
        guard let expiry else { return longestRest }
        guard expiry > now else { return breath }
        return min(max(.milliseconds(expiry.milliseconds - now.milliseconds), breath), longestRest)
    }
}
