internal import NIOCore
internal import Synchronization

/// What the connections of an event loop share and nobody else uses, so that it needs no lock.
final class PerEventLoop<Value>: Sendable {
    private let make: @Sendable (any EventLoop) -> Value
    private let values = Mutex<[ObjectIdentifier: NIOLoopBound<Value>]>([:])

    /// - Parameter make: Makes that of an event loop, on the loop.
    init(make: @escaping @Sendable (any EventLoop) -> Value) { self.make = make }

    /// That of an event loop; call it there.
    subscript(eventLoop: any EventLoop) -> Value {
        let known = values.withLock { $0[ObjectIdentifier(eventLoop)] }
        if let known { return known.value }
        let made = NIOLoopBound(make(eventLoop), eventLoop: eventLoop)
        values.withLock { $0[ObjectIdentifier(eventLoop)] = made }
        return made.value
    }
}
