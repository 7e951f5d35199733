internal import NIOCore
internal import Synchronization

/// What the requests of a connection have to tell, until its event loop takes it: all that is there at a time.
final class NotificationInbox: Sendable {
    typealias Notification = ConnectionHandler.Notification

    private let eventLoop: any EventLoop
    private let take: @Sendable ([Notification]) -> Void
    private let notifications = Mutex<[Notification]>([])

    /// - Parameter take: Is called on the event loop.
    init(_ eventLoop: any EventLoop, take: @escaping @Sendable ([Notification]) -> Void) {
        self.eventLoop = eventLoop
        self.take = take
    }

    func put(_ notification: Notification) {
        let isFirst = notifications.withLock { notifications in
            notifications.append(notification)
            return notifications.count == 1
        }
        // The others are found on its way.
        if isFirst { eventLoop.execute { self.take(self.notifications.withLock { exchange(&$0, with: []) }) } }
    }
}
