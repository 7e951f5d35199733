internal import NIOCore
internal import Synchronization

/// One value for each event loop, shared by its connections without a lock.
final class PerEventLoop<Value>: Sendable {
    private let make: @Sendable (any EventLoop) -> Value
    private let values = Mutex<[ObjectIdentifier: NIOLoopBound<Value>]>([:])

    /// - Parameter make: Creates the value of an event loop; called on the loop.
    init(make: @escaping @Sendable (any EventLoop) -> Value) { self.make = make }

    /// Value of an event loop; call it on the loop.
    subscript(eventLoop: any EventLoop) -> Value {
        let known = values.withLock { $0[ObjectIdentifier(eventLoop)] }
        if let known { return known.value }
        let made = NIOLoopBound(make(eventLoop), eventLoop: eventLoop)
        values.withLock { $0[ObjectIdentifier(eventLoop)] = made }
        return made.value
    }
}
