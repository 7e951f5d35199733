internal import NIOCore
internal import Synchronization

/// The tallies of all event loops of a server.
final class Tallies: Sendable {
    private let tallies = Mutex<[ObjectIdentifier: Tally]>([:])

    /// The one of an event loop.
    func tally(of eventLoop: any EventLoop) -> Tally {
        tallies.withLock { tallies in
            if let tally = tallies[ObjectIdentifier(eventLoop)] { return tally }
            let tally = Tally()
            tallies[ObjectIdentifier(eventLoop)] = tally
            return tally
        }
    }

    var all: [Tally] { tallies.withLock { Array($0.values) } }
}
