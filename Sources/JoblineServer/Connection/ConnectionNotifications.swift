internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

/// Notifications of one connection's watches, until the peer has room for them.
///
/// Confined to the connection's event loop, except for the inbox.
final class ConnectionNotifications {
    struct Notification {
        let request: NotifiedRequest
        /// Parameters without the id of the watch.
        let params: ByteBuffer
        /// Called with true when the notification is written, with false if it is dropped.
        let taken: RequestContext.Taken?
    }

    /// Facts that all notifications of a request share.
    final class NotifiedRequest: Sendable {
        let key: RequestKey
        let id: RequestID?
        let form: Frame.Form
        let method: Method
        /// Name of the notifications.
        let name: String

        init(_ admitted: RequestWindow.Admitted, _ method: Method, name: String) {
            key = admitted.key
            id = admitted.request.id
            form = admitted.request.form
            self.method = method
            self.name = name
        }
    }

    private var held = CircularBuffer<Notification>()
    /// Size of the parameters of held notifications, in bytes.
    private(set) var heldBytes = 0
    /// nil until the connection has a watch.
    private var inbox: NotificationInbox?

    var isEmpty: Bool { held.isEmpty }

    /// Returns the function through which a request sends notifications; nil if its method has none.
    ///
    /// - Parameter arrive: Called on the event loop when notifications have arrived.
    func sender(
        of admitted: RequestWindow.Admitted, _ method: Method, _ context: ChannelHandlerContext,
        arrive: @escaping () -> Void
    ) -> RequestContext.Notify? {
        guard let name = method.descriptor.notification else { return nil }
        let request = NotifiedRequest(admitted, method, name: name)
        let inbox = inbox ?? makeInbox(context.eventLoop, arrive)
        return { inbox.put(Notification(request: request, params: $0, taken: $1)) }
    }

    private func makeInbox(_ eventLoop: any EventLoop, _ arrive: @escaping () -> Void) -> NotificationInbox {
        let target = NIOLoopBound((self, arrive), eventLoop: eventLoop)
        let new = NotificationInbox(eventLoop) { notifications in
            let (queue, arrive) = target.value
            queue.take(notifications)
            arrive()
        }
        inbox = new
        return new
    }

    private func take(_ notifications: [Notification]) {
        // The connection is closed.
        guard inbox != nil else {
            for notification in notifications { notification.taken?(false) }
            return
        }
        held.append(contentsOf: notifications)
        for notification in notifications { heldBytes += notification.params.readableBytes }
    }

    /// Writes notifications, first come, first served.
    ///
    /// - Parameter decide: Returns what to do with the next notification of a request. It may drop notifications.
    func send(
        to output: ConnectionOutput, _ metrics: RequestMetrics,
        decide: (NotifiedRequest) -> ConnectionStateMachine.NotifyAction
    ) {
        while let next = held.first {
            switch decide(next.request) {
            case .hold: return
            case .send:
                output.append(next)
                metrics.notified(1)
                removeFirst(isTaken: true)
            case .discard: drop { $0 == next.request.key }
            }
        }
    }

    private func removeFirst(isTaken: Bool) {
        let first = held.removeFirst()
        heldBytes -= first.params.readableBytes
        first.taken?(isTaken)
    }

    /// Drops the notifications of requests.
    func drop(where isGone: (RequestKey) -> Bool) {
        guard held.contains(where: { isGone($0.request.key) }) else { return }
        for notification in held where isGone(notification.request.key) {
            heldBytes -= notification.params.readableBytes
            notification.taken?(false)
        }
        held.removeAll { isGone($0.request.key) }
    }

    /// Drops everything, now and later: the connection is closed.
    func close() {
        drop { _ in true }
        inbox = nil
    }
}

/// Notifications that were sent on any thread and that the event loop has not taken. It takes all at a time.
final class NotificationInbox: Sendable {
    typealias Notification = ConnectionNotifications.Notification

    private let eventLoop: any EventLoop
    private let take: @Sendable ([Notification]) -> Void
    private let notifications = Mutex<[Notification]>([])

    /// - Parameter take: Called on the event loop.
    init(_ eventLoop: any EventLoop, take: @escaping @Sendable ([Notification]) -> Void) {
        self.eventLoop = eventLoop
        self.take = take
    }

    func put(_ notification: Notification) {
        let isFirst = notifications.withLock { notifications in
            notifications.append(notification)
            return notifications.count == 1
        }
        // One wake-up takes all that have come by then.
        if isFirst { eventLoop.execute { self.take(self.notifications.withLock { exchange(&$0, with: []) }) } }
    }
}
