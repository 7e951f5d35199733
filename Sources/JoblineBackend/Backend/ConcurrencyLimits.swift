internal import JoblineProtocol

/// Requests of a backend that share one concurrency limit.
package enum RequestClass: Sendable, Hashable, CaseIterable {
    /// Describe and get.
    case read
    /// List: a page costs many times as much as one job.
    case list
    /// Start, stop, create, update, delete.
    case write
}

/// Maximum numbers of requests that are at one backend at a time, for each event loop.
package struct ConcurrencyLimits: Sendable, Hashable {
    /// Reads of one turn of the event loop, for a backend that reads on the loop itself.
    package var read: Int
    package var list: Int
    /// Many at a time, because writes share commits.
    package var write: Int

    package init(read: Int = 16, list: Int = 1, write: Int = 64) {
        self.read = read
        self.list = list
        self.write = write
    }

    package subscript(requestClass: RequestClass) -> Int {
        switch requestClass {
        case .read: read
        case .list: list
        case .write: write
        }
    }
}
