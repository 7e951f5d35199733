internal import CSystemd
internal import Dispatch
internal import Synchronization

/// Sends messages to the service manager in their order, from a thread of its own: sending blocks for as long as the
/// manager does not read, and nothing else may wait for that.
final class Notifier: Sendable {
    /// Messages that may wait; of more than these the newest are dropped, for the manager has enough to read.
    private static let maximumWaiting = 8
    /// The same for those that the manager needs: with room of their own, the end of a reload gets there if its beginning did.
    private static let maximumWaitingNeeded = 16

    private let queue = DispatchQueue(label: "jobline.notify")
    private let unsent = DispatchGroup()
    private let waiting = Atomic(0)

    /// Sends a message soon; nobody gets it where there is no manager.
    ///
    /// - Parameter mayBeDropped: True if the manager can do without it.
    func send(_ text: String, mayBeDropped: Bool) {
        let maximum = mayBeDropped ? Self.maximumWaiting : Self.maximumWaitingNeeded
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= maximum else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            return
        }
        queue.async(group: unsent) {
            // A message that does not arrive is not worth stopping for: the manager has its own timeouts.
            _ = sd_notify(0, text)
            self.waiting.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    /// Waits, on the calling thread, until everything is sent; a second at most. For the end of the process.
    func flush() { _ = unsent.wait(timeout: .now() + 1) }
}
