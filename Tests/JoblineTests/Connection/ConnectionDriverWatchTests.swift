import NIOCore
import NIOEmbedded
import Testing

@testable import Jobline

@Suite("Connection driver: watches")
struct ConnectionDriverWatchTests {
    static func watch(_ id: Int64) -> String {
        "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"Sidecar.WatchJobs\",\"params\":"
            + "{\"jobs\":[{\"family\":\"Matching\",\"id\":\"\(id)\"}]}}"
    }

    static func changed(_ id: Int64, _ state: String) -> String {
        "{\"jsonrpc\":\"2.0\",\"method\":\"Sidecar.JobChanged\",\"params\":{\"watch\":\(id),\"service\":\"EntityResolution\","
            + "\"family\":\"Matching\",\"id\":\"\(id)\",\"state\":\"\(state)\"}}\n"
    }

    static let ping = "{\"jsonrpc\":\"2.0\",\"id\":\"ping\",\"method\":\"rpc.ping\"}"
    static let pong = "{\"jsonrpc\":\"2.0\",\"id\":\"ping\",\"result\":{}}\n"
    static let hello = ConnectionDriverTests.hello
    static let greeting = ConnectionDriverTests.greeting

    @Test("Notifications reach their watches; watches have no deadline on the wire")
    func notifications() async throws {
        try await DriverStage.with { stage in
            try await stage.watch(1, 2)
            #expect(try await stage.sent() == [Self.hello, Self.watch(1), Self.watch(2)])
            try await stage.receive(
                Self.changed(2, "running") + Self.changed(1, "queued") + Self.changed(9, "running")
                    + ConnectionDriverTests.reply(2))
            #expect(stage.outcomes == ["2: running", "1: queued", "2: end"])
            #expect(stage.isOpen)
        }
    }

    @Test("A watch is sent again on the next connection, and late notifications of the earlier one are ignored")
    func reconnect() async throws {
        try await DriverStage.with { stage in
            try await stage.watch(1)
            try await stage.receive(Self.changed(1, "queued"))
            try await stage.hangUp()
            await stage.loop.advanceTime(by: .seconds(1))
            #expect(try await stage.sent() == [Self.hello])
            try await stage.receive(Self.greeting)
            #expect(try await stage.sent() == [Self.watch(1)])
            try await stage.receive(Self.changed(1, "running"))
            #expect(stage.outcomes == ["1: queued", "1: running"])
        }
    }

    @Test("A silent daemon gets a ping; any byte keeps the connection, and silence ends it")
    func keepAlive() async throws {
        try await DriverStage.with { stage in
            try await stage.watch(1)
            try await stage.receive(Self.changed(1, "queued"))
            _ = try await stage.sent()
            await stage.loop.advanceTime(by: .seconds(15))
            #expect(try await stage.sent() == [Self.ping])
            try await stage.receive(Self.pong)
            await stage.loop.advanceTime(by: .seconds(14))
            #expect(try await stage.sent() == [])
            await stage.loop.advanceTime(by: .seconds(1))
            #expect(try await stage.sent() == [Self.ping])
            #expect(stage.connections == 1)
            await stage.loop.advanceTime(by: .seconds(6))
            #expect(stage.connections == 2)
            #expect(try await stage.sent() == [Self.hello])
            try await stage.receive(Self.greeting)
            #expect(try await stage.sent() == [Self.watch(1)])
            #expect(stage.outcomes == ["1: queued"])
        }
    }

    @Test("A long call goes on while the daemon responds to pings, and is repeated once it does not")
    func longCall() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1, timeout: .minutes(5))
            for _ in 0..<8 {
                await stage.loop.advanceTime(by: .seconds(15))
                #expect(try await stage.sent().last == Self.ping)
                try await stage.receive(Self.pong)
            }
            #expect(stage.outcomes == [])
            await stage.loop.advanceTime(by: .seconds(20))
            #expect(stage.outcomes == ["1: the daemon did not respond to a keep-alive ping"])
            #expect(!stage.isOpen)
        }
    }

    @Test("No ping is sent while nothing is pending")
    func idle() async throws {
        try await DriverStage.with { stage in
            try await stage.submit(1)
            try await stage.receive(ConnectionDriverTests.reply(1))
            try await stage.watch(2)
            try await stage.cancelWatch(2)
            _ = try await stage.sent()
            await stage.loop.advanceTime(by: .hours(1))
            #expect(try await stage.sent() == [])
            #expect(stage.isOpen)
        }
    }

    @Test("Ends with its deadline, with shutdown, and at the watch timeout")
    func ends() async throws {
        try await DriverStage.with { stage in
            try await stage.watch(1, timeout: .seconds(5))
            try await stage.watch(2)
            await stage.loop.advanceTime(by: .seconds(5))
            #expect(stage.outcomes == ["1: the watch did not end before its deadline"])
            _ = try await stage.sent()
            try await stage.endWatches()
            #expect(try await stage.sent() == [ConnectionDriverTests.cancel(2)])
            #expect(stage.outcomes.last == "2: the client is closed; create a new one")
            stage.isReachable = false
            try await stage.hangUp()
            try await stage.watch(3)
            await stage.loop.advanceTime(by: .minutes(6))
            #expect(stage.outcomes.last == "3: no daemon responded at /s for 300.0 seconds: cannot connect to /s")
        }
    }
}
