// How many connections there are descriptors for.

extension ServerConfiguration {
    /// Connections that may be accepted and not served: those that are only told that they are too many.
    var unservedConnections: Int { min(AcceptGate.maximumUnserved, max(1, descriptors / 8)) }

    /// Connections that there are descriptors for, besides those that are kept back. Where most are kept back it is a quarter of all.
    package var carriedConnections: Int {
        max(1, descriptors / 4, descriptors - reservedDescriptors - unservedConnections)
    }

    /// Caps on connections; one user has at most three quarters of those that there can be.
    var connectionCaps: ConnectionCaps {
        let total = min(connections, carriedConnections)
        return .init(total: total, perUser: min(connectionsPerUser, Self.largestShare(of: total)))
    }
}
