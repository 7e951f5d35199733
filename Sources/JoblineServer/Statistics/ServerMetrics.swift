internal import NIOCore
internal import Synchronization

/// Request metrics of all event loops of a server.
final class ServerMetrics: Sendable {
    private let metrics = Mutex<[ObjectIdentifier: RequestMetrics]>([:])

    /// Returns the metrics of an event loop.
    func metrics(of eventLoop: any EventLoop) -> RequestMetrics {
        metrics.withLock { all in
            if let known = all[ObjectIdentifier(eventLoop)] { return known }
            let new = RequestMetrics()
            all[ObjectIdentifier(eventLoop)] = new
            return new
        }
    }

    var all: [RequestMetrics] { metrics.withLock { Array($0.values) } }
}
