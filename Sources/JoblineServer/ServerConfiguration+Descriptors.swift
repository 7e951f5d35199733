extension ServerConfiguration {
    /// Maximum number of connections that are accepted but not served, because they exceed a cap.
    var unservedConnections: Int { min(AcceptGate.maximumUnserved, max(1, descriptors / 8)) }

    /// Number of connections that the descriptors allow, without the reserved ones; at least a quarter of all descriptors.
    package var carriedConnections: Int {
        max(1, descriptors / 4, descriptors - reservedDescriptors - unservedConnections)
    }

    /// Caps on connections. One user has at most three quarters of all.
    var connectionCaps: ConnectionCaps {
        let total = min(connections, carriedConnections)
        return .init(total: total, perUser: min(connectionsPerUser, Self.largestShare(of: total)))
    }
}
