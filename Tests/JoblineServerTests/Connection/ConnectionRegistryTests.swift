import JoblineBackend
import NIOCore
import NIOEmbedded
import Testing

@testable import JoblineServer

@Suite final class ConnectionRegistryTests {
    private var channels: [EmbeddedChannel] = []

    /// A channel that is not closed is never freed.
    deinit { for channel in channels { _ = try? channel.finish(acceptAlreadyClosed: true) } }

    private func admit(_ registry: ConnectionRegistry, uid: UInt32) -> (EmbeddedChannel, ConnectionCaps.Exceeded?) {
        let channel = EmbeddedChannel()
        channels.append(channel)
        return (channel, registry.admit(channel, caller: .user(uid)).exceededCap)
    }

    private func close(_ channel: EmbeddedChannel) throws {
        try channel.close().wait()
        channel.embeddedEventLoop.run()
    }

    @Test("Each user has a cap, and so have all users together; refused connections are not counted")
    func caps() {
        let registry = ConnectionRegistry(caps: .init(total: 4, perUser: 2))
        func expect(_ uid: UInt32, _ exceeded: ConnectionCaps.Exceeded?) {
            let (_, found) = admit(registry, uid: uid)
            #expect(found == exceeded)
        }
        expect(1, nil)
        expect(1, nil)
        expect(1, .user(2, .user(1)))
        expect(2, nil)
        expect(3, nil)
        expect(4, .all(4))
        // If both caps are reached, the user's own is reported.
        expect(1, .user(2, .user(1)))
        #expect(registry.connections == 4)
        #expect(registry.counts.accepted == 7)
        #expect(registry.counts.refused == ["user": 2, "total": 1])
    }

    @Test("A closed connection makes room; a closed refused connection does not")
    func places() throws {
        let registry = ConnectionRegistry(caps: .init(total: 4, perUser: 1))
        let (first, _) = admit(registry, uid: 1)
        let (refused, exceeded) = admit(registry, uid: 1)
        #expect(exceeded == .user(1, .user(1)))
        try close(refused)
        #expect(admit(registry, uid: 1).1 == .user(1, .user(1)))
        try close(first)
        #expect(registry.connections == 0)
        #expect(admit(registry, uid: 1).1 == nil)
    }

    @Test("New caps close no connection")
    func replaced() {
        let registry = ConnectionRegistry(caps: .init(total: 4, perUser: 3))
        let open = (1...3).map { _ in admit(registry, uid: 1) }
        registry.caps = .init(total: 4, perUser: 1)
        #expect(admit(registry, uid: 1).1 == .user(1, .user(1)))
        #expect(admit(registry, uid: 2).1 == nil)
        #expect(registry.connections == 4)
        #expect(open.allSatisfy { $0.0.isActive || $0.1 == nil })
    }

    @Test("No user can have more than three quarters of all", arguments: [(1, 1), (2, 1), (4, 3), (100, 75)])
    func share(total: Int, share: Int) throws {
        var configuration = ServerConfiguration()
        configuration.connections = total
        configuration.connectionsPerUser = share
        try configuration.validate()
        configuration.connectionsPerUser = share + 1
        #expect(throws: ServerError.self) { try configuration.validate() }
    }
}
