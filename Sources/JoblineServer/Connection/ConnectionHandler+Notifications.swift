internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

// What a request tells before its final reply.
extension ConnectionHandler {
    /// A notification on its way to the peer.
    struct Notification {
        let request: NotifiedRequest
        /// But for the number of the watch.
        let params: ByteBuffer
        /// Hears true once it is on its way for good, false if it never will be.
        let taken: RequestContext.Taken?
    }

    /// What all notifications of a request have in common.
    final class NotifiedRequest: Sendable {
        let key: RequestKey
        let id: RequestID?
        let form: Frame.Form
        let method: Method
        let limitClass: MethodDescriptor.LimitClass
        /// The name of the notifications.
        let name: String

        init(_ admitted: RequestWindow.Admitted, _ method: Method, name: String) {
            key = admitted.key
            id = admitted.request.id
            form = admitted.request.form
            self.method = method
            limitClass = method.descriptor.limitClass
            self.name = name
        }
    }

    /// How many jobs a watch asks for, before anything else in its parameters is looked at; what is none counts as one.
    static func watchedJobs(_ request: Request) -> Int {
        var count = 0
        if let params = request.params {
            try? JSONReader.read(params) { (reader) throws(JSONError) in
                try reader.members { (reader, key) throws(JSONError) in
                    guard case "jobs" = key, try reader.peek() == UInt8(ascii: "[") else {
                        try reader.skip()
                        return
                    }
                    try reader.array { (reader) throws(JSONError) in
                        try reader.skip()
                        count += 1
                    }
                }
            }
        }
        return max(count, 1)
    }

    /// What a request's notifications go through; nothing comes through where its method has none.
    func notify(
        for admitted: RequestWindow.Admitted, _ method: Method, _ context: ChannelHandlerContext
    ) -> RequestContext.Notify {
        guard let name = method.descriptor.notification else { return { $1?(true) } }
        let request = NotifiedRequest(admitted, method, name: name)
        let inbox = inbox(context)
        return { inbox.put(Notification(request: request, params: $0, taken: $1)) }
    }

    private func inbox(_ context: ChannelHandlerContext) -> NotificationInbox {
        if let inbox { return inbox }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        let new = NotificationInbox(context.value.eventLoop) { handler.value.take($0, context.value) }
        inbox = new
        return new
    }

    private func take(_ notifications: [Notification], _ context: ChannelHandlerContext) {
        guard isActive else {
            for notification in notifications { notification.taken?(false) }
            return
        }
        heldNotifications.append(contentsOf: notifications)
        for notification in notifications { heldNotificationBytes += notification.params.readableBytes }
        // What others have to tell meanwhile goes out in the same write.
        scheduleTurn(context)
    }

    /// Sends what was held back, first come, first served, as far as the peer has room.
    func releaseNotifications(_ context: ChannelHandlerContext) {
        while let first = heldNotifications.first {
            let request = first.request
            if !rights(context).allow(request.limitClass) {
                let revoked = machine.revoked(request.key, .accessDenied(request.method, uid: peer.uid))
                if let revoked { conclude(revoked) } else { dropNotifications { $0 == request.key } }
                // It may have been the last thing that the connection was open for.
                scheduleTurn(context)
                continue
            }
            switch machine.notifies(request.key, unsent: unsent + outgoing.readableBytes) {
            case .hold: return
            case .send:
                write(first)
                metrics.notified(1)
                removeFirstNotification().taken?(true)
            case .discard: removeFirstNotification().taken?(false)
            }
        }
    }

    private func write(_ notification: Notification) {
        let request = notification.request
        if outgoing.storageCapacity == 0 { outgoing = output.spares.take() }
        notification.params.withUnsafeReadableBytes {
            Frame.append(request.form, notification: request.name, $0, watch: request.id, to: &outgoing)
        }
    }

    private func removeFirstNotification() -> Notification {
        let first = heldNotifications.removeFirst()
        heldNotificationBytes -= first.params.readableBytes
        return first
    }

    /// Gives up what requests had to tell.
    func dropNotifications(of isGone: (RequestKey) -> Bool) {
        guard heldNotifications.contains(where: { isGone($0.request.key) }) else { return }
        for notification in heldNotifications where isGone(notification.request.key) {
            heldNotificationBytes -= notification.params.readableBytes
            notification.taken?(false)
        }
        heldNotifications.removeAll { isGone($0.request.key) }
    }
}
