internal import JoblineProtocol
internal import Logging

/// Removes expired jobs from the store.
///
/// Expired jobs are not shown, so their removal is not urgent: it happens in small batches, with pauses for other writers.
struct ExpirySweeper: Sendable {
    /// Maximum number of jobs removed in one transaction, which delays other writers by about 10 ms.
    static let batch = 100
    /// Pause between two batches.
    static let batchPause = Duration.milliseconds(50)
    /// Maximum time between two sweeps. The sweeper does not wait for jobs that expire before they end.
    static let maximumPause = Duration.seconds(3600)
    /// Pause after a failure of the store.
    static let failurePause = Duration.seconds(60)

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
            let pause: Duration
            do {
                pause = try await sweep()
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
                pause = Self.failurePause
            }
            do { try await sleep(pause) } catch { return }
        }
    }

    /// Removes one batch.
    ///
    /// - Returns: The pause after it.
    private func sweep() async throws -> Duration {
        let removed = try await store.removeExpired(now: now(), limit: Self.batch)
        for key in removed { changes.tell(key, .removal) }
        guard removed.count < Self.batch else { return Self.batchPause }
        return Self.pause(until: try await store.firstExpiry(), from: now())
    }

    /// Returns the time from `now` to the next expiry, within the minimum and maximum pause.
    static func pause(until expiry: Timestamp?, from now: Timestamp) -> Duration {
        guard let expiry else { return maximumPause }
        guard expiry > now else { return batchPause }
        return min(max(.milliseconds(expiry.milliseconds - now.milliseconds), batchPause), maximumPause)
    }
}
