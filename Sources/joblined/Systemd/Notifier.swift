internal import CSystemd
internal import Dispatch
internal import Synchronization

/// Sender of messages to the service manager, in order. Has its own thread, because sending blocks while the manager
/// does not read.
final class Notifier: Sendable {
    /// Maximum number of waiting messages that may be dropped; the newest are dropped.
    private static let maximumWaiting = 8
    /// Limit for required messages. The limit is separate, so that the end of a reload is sent if its start was.
    private static let maximumWaitingNeeded = 16

    private let queue = DispatchQueue(label: "jobline.notify")
    private let unsent = DispatchGroup()
    private let waiting = Atomic(0)

    /// Queues a message; has no effect without a service manager.
    ///
    /// - Parameter mayBeDropped: Whether the manager can do without it.
    func send(_ text: String, mayBeDropped: Bool) {
        let maximum = mayBeDropped ? Self.maximumWaiting : Self.maximumWaitingNeeded
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= maximum else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            return
        }
        queue.async(group: unsent) {
            // Errors are ignored: the manager has its own timeouts.
            _ = sd_notify(0, text)
            self.waiting.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    /// Blocks until everything is sent, for at most 1 s; for the end of the process.
    func flush() { _ = unsent.wait(timeout: .now() + 1) }
}
