import Testing

@testable import JoblineServer

@Suite("Connections that there are descriptors for")
struct ServerConfigurationDescriptorTests {
    private func caps(_ descriptors: Int, reserved: Int, total: Int = 4096, perUser: Int = 256) -> ConnectionCaps {
        var configuration = ServerConfiguration()
        configuration.descriptors = descriptors
        configuration.reservedDescriptors = reserved
        configuration.connections = total
        configuration.connectionsPerUser = perUser
        return configuration.connectionCaps
    }

    @Test("Without a descriptor limit the configured caps apply")
    func unlimited() {
        #expect(ServerConfiguration().connectionCaps == ConnectionCaps(total: 4096, perUser: 256))
        #expect(caps(1 << 20, reserved: 500) == ConnectionCaps(total: 4096, perUser: 256))
    }

    @Test(
        "Reserved descriptors and unserved connections reduce the cap, and one user has three quarters of it")
    func limited() {
        // 1,024 - 96 - 128
        #expect(caps(1024, reserved: 96, total: 3000, perUser: 2000) == ConnectionCaps(total: 800, perUser: 600))
        #expect(caps(1024, reserved: 96, total: 500, perUser: 100) == ConnectionCaps(total: 500, perUser: 100))
    }

    @Test("A quarter of the descriptors is always for connections", arguments: [1, 3, 16, 64, 256])
    func small(descriptors: Int) {
        let caps = caps(descriptors, reserved: 10_000)
        #expect(caps.total == max(1, descriptors / 4))
        #expect((1...caps.total).contains(caps.perUser))
    }
}
