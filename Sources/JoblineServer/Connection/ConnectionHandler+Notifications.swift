internal import JoblineProtocol
internal import NIOCore

// What a request tells before its final reply.
extension ConnectionHandler {
    /// Notifications on their way to the peer, as the bytes of their frames.
    struct Notification {
        let request: RequestKey
        let method: Method
        let bytes: ByteBuffer
        /// How many they are.
        let count: Int
        /// Hears true once they are on their way for good, false if they never will be.
        let taken: @Sendable (Bool) -> Void
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
        guard let name = method.descriptor.notification else { return { $1(true) } }
        let (key, form, eventLoop) = (admitted.key, admitted.request.form, context.eventLoop)
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        let context = NIOLoopBound(context, eventLoop: eventLoop)
        return { params, taken in
            // Encoded here, so that the event loop has nothing to do but to hand it on.
            var bytes = ByteBuffer()
            for params in params { Frame.append(form, to: &bytes) { $0.notification(name, JSONAny(params)) } }
            let notification = Notification(
                request: key, method: method, bytes: bytes, count: params.count, taken: taken)
            eventLoop.execute { handler.value.notify(notification, context.value) }
        }
    }

    private func notify(_ notification: Notification, _ context: ChannelHandlerContext) {
        guard isActive else { return notification.taken(false) }
        heldNotifications.append(notification)
        heldNotificationBytes += notification.bytes.readableBytes
        // What others have to tell meanwhile goes out in the same write.
        scheduleTurn(context)
    }

    /// Sends what was held back, first come, first served, as far as the peer has room.
    func releaseNotifications(_ context: ChannelHandlerContext) {
        while let first = heldNotifications.first {
            if !rights(context).allow(first.method.descriptor.limitClass) {
                let revoked = machine.revoked(first.request, .accessDenied(first.method, uid: peer.uid))
                if let revoked { conclude(revoked) } else { dropNotifications { $0 == first.request } }
                // It may have been the last thing that the connection was open for.
                scheduleTurn(context)
                continue
            }
            switch machine.notifies(first.request, unsent: unsent + outgoing.readableBytes) {
            case .hold: return
            case .send:
                write(first.bytes)
                tally.notified(first.count)
                removeFirstNotification().taken(true)
            case .discard: removeFirstNotification().taken(false)
            }
        }
    }

    private func removeFirstNotification() -> Notification {
        let first = heldNotifications.removeFirst()
        heldNotificationBytes -= first.bytes.readableBytes
        return first
    }

    /// Gives up what requests had to tell.
    func dropNotifications(of isGone: (RequestKey) -> Bool) {
        guard heldNotifications.contains(where: { isGone($0.request) }) else { return }
        for notification in heldNotifications where isGone(notification.request) {
            heldNotificationBytes -= notification.bytes.readableBytes
            notification.taken(false)
        }
        heldNotifications.removeAll { isGone($0.request) }
    }
}
