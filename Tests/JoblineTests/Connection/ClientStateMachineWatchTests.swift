import JoblineProtocol
import NIOCore
import Testing

@testable import Jobline

@Suite("Client state machine: watches")
struct ClientStateMachineWatchTests {
    static func established(window: Int = 256, watchTimeout: TimeAmount? = .minutes(5)) -> Transcript {
        let machine = Transcript(window: window, watchTimeout: watchTimeout)
        _ = machine.submit(0)
        _ = machine.connected(1)
        _ = machine.answered(1, 0)
        return machine
    }

    @Test("A watch takes no slot of the window and has no deadline")
    func window() {
        let machine = Self.established(window: 1)
        #expect(machine.submit(1) == ["write 1"])
        #expect(machine.watch(2) == ["write 2"])
        #expect(machine.watch(3) == ["write 3"])
        #expect(machine.submit(4) == [])
        #expect(machine.notified(1, 2) == ["notify 2"])
        #expect(machine.watchAnswered(1, 2) == ["finish 2"])
        #expect(machine.answered(1, 1) == ["deliver 1", "write 4"])
        #expect(machine.answered(1, 4) == ["deliver 4"])
        machine.heard(1, now: 1000)
        #expect(machine.time(1000) == [])
        #expect(machine.nextTime == 1015)
    }

    @Test("A watch is sent again, in order, on each next connection, without limit")
    func lost() {
        let machine = Self.established()
        #expect(machine.watch(1) == ["write 1"])
        #expect(machine.watch(2) == ["write 2"])
        #expect(machine.lost(1) == ["hang up", "back off 37500 us"])
        #expect(machine.notified(1, 1) == ["ignore"])
        #expect(machine.backOffEnded() == ["connect 2"])
        #expect(machine.connectFailed(2) == ["back off 37500 us"])
        #expect(machine.backOffEnded() == ["connect 3"])
        #expect(machine.connected(3) == ["use 3"])
        machine.heard(3, now: 0)
        #expect(machine.window(3, 256) == ["write 1", "write 2"])
        #expect(machine.notified(3, 1) == ["notify 1"])
    }

    @Test("Reconnecting backs off longer after connections that failed at once than after one that worked")
    func shortLived() {
        let machine = Self.established()
        _ = machine.watch(1)
        var log = machine.lost(1)
        for (generation, pause) in zip(2..., [75_000, 150_000, 300_000]) {
            #expect(machine.backOffEnded() == ["connect \(generation)"])
            _ = machine.connected(generation)
            _ = machine.notified(generation, 1)
            log = machine.lost(generation)
            #expect(log == ["hang up", "back off \(pause) us"])
        }
        _ = machine.backOffEnded()
        _ = machine.connected(5)
        machine.heard(5, now: 60)
        _ = machine.notified(5, 1)
        #expect(machine.lost(5) == ["hang up", "back off 37500 us"])
    }

    @Test("Watches leave a draining daemon as soon as its calls have ended")
    func drain() {
        let machine = Self.established()
        _ = machine.watch(1)
        #expect(machine.drainNoticed(1) == ["hang up", "back off 37500 us"])
        let busy = Self.established()
        _ = busy.watch(1)
        _ = busy.submit(2)
        #expect(busy.drainNoticed(1) == [])
        let error = WireError(.unavailable, "draining", processed: false)
        #expect(busy.watchAnswered(1, 1, error) == [])
        #expect(busy.answered(1, 2) == ["deliver 2", "hang up", "back off 37500 us"])
        #expect(busy.backOffEnded() == ["connect 2"])
        #expect(busy.connected(2) == ["use 2", "write 1"])
    }

    @Test("A temporary refusal is retried after the advised time; a permanent one ends the watch")
    func refusal() {
        let machine = Self.established()
        _ = machine.watch(1)
        _ = machine.watch(2)
        _ = machine.watch(3)
        var throttled = WireError(.tooManyRequests, "slow down")
        throttled.retryAfterMilliseconds = 3000
        #expect(machine.watchAnswered(1, 1, throttled) == [])
        #expect(machine.time(2) == [])
        #expect(machine.time(3) == ["write 1"])
        #expect(machine.watchAnswered(1, 2, WireError(.forbidden, "no")) == ["fail 2 server 403 sent"])
        var full = WireError(.tooManyRequests, "too many jobs")
        full.scope = "connection"
        #expect(machine.watchAnswered(1, 3, full) == ["fail 3 server 429 sent"])
        #expect(machine.notified(1, 1) == ["notify 1"])
    }

    @Test("Errors that persist end the watch at its timeout")
    func refusals() {
        let machine = Self.established(watchTimeout: .seconds(20))
        _ = machine.watch(1)
        var log: [String] = []
        _ = machine.watchAnswered(1, 1, WireError(.internalError, "broken"))
        for second in Int64(1)...30 {
            machine.heard(1, now: second)
            let due = machine.time(second)
            if due == ["write 1"] {
                _ = machine.watchAnswered(1, 1, WireError(.internalError, "broken"))
            } else {
                log += due
            }
        }
        #expect(log == ["fail 1 server 500 sent"])
    }

    @Test("Without a daemon a watch fails at its timeout")
    func timeout() {
        let machine = Transcript(watchTimeout: .seconds(60))
        #expect(machine.watch(1, now: 0) == ["connect 1"])
        #expect(machine.connectFailed(1) == ["back off 37500 us"])
        #expect(machine.nextTime == 60)
        #expect(machine.time(59) == [])
        #expect(machine.time(60) == ["fail 1 unreachable unsent"])
        #expect(machine.backOffEnded() == ["rest"])
        let endless = Transcript(watchTimeout: nil)
        _ = endless.watch(1, now: 0)
        _ = endless.connectFailed(1)
        #expect(endless.nextTime == nil)
    }

    @Test("The timeout starts at the last bytes of the daemon, and ends with the first reply of another")
    func timeoutAfterLoss() {
        let machine = Self.established(watchTimeout: .seconds(60))
        _ = machine.watch(1)
        machine.heard(1, now: 100)
        _ = machine.lost(1)
        _ = machine.backOffEnded()
        // The connection was accepted; only silence shows that no daemon responds.
        _ = machine.connected(2)
        #expect(machine.time(160) == ["fail 1 unreachable unsent", "ping"])
        let lucky = Self.established(watchTimeout: .seconds(60))
        _ = lucky.watch(1)
        machine.heard(1, now: 100)
        _ = lucky.lost(1)
        _ = lucky.backOffEnded()
        _ = lucky.connected(2)
        lucky.heard(2, now: 100)
        _ = lucky.window(2, 256)
        _ = lucky.notified(2, 1)
        #expect(lucky.time(1000).filter { $0.hasPrefix("fail") } == [])
    }

    @Test("Without waiting for the daemon a watch fails at once, unless the daemon responded before")
    func impatient() {
        let machine = Transcript(waitsForDaemon: false)
        #expect(machine.watch(1) == ["connect 1"])
        #expect(machine.connectFailed(1) == ["fail 1 unreachable unsent", "rest"])
        _ = machine.watch(2)
        _ = machine.connected(2)
        _ = machine.notified(2, 2)
        _ = machine.lost(2)
        _ = machine.backOffEnded()
        #expect(machine.connectFailed(3) == ["back off 37500 us"])
    }

    @Test("Ends at its deadline, on and off a connection")
    func deadline() {
        let machine = Self.established()
        _ = machine.watch(1, deadline: 10)
        #expect(machine.time(9) == [])
        #expect(machine.time(10) == ["fail 1 timedOut sent", "tell server 1"])
        #expect(machine.watchAnswered(1, 1, WireError(.cancelled, "cancelled")) == [])
        #expect(machine.watch(2, deadline: 10, now: 10) == ["fail 2 timedOut unsent"])
        let away = Transcript()
        _ = away.watch(1, deadline: 5)
        _ = away.connectFailed(1)
        #expect(away.time(5) == ["fail 1 timedOut unsent"])
    }

    @Test("Notifications and the reply of a cancelled watch are ignored")
    func cancelled() {
        let machine = Self.established()
        _ = machine.watch(1)
        #expect(machine.cancelWatch(1) == ["tell server 1"])
        #expect(machine.cancelWatch(1) == [])
        #expect(machine.notified(1, 1) == ["ignore"])
        #expect(machine.notified(1, 77) == ["ignore"])
        #expect(machine.watchAnswered(1, 1, WireError(.cancelled, "cancelled")) == [])
        let unsent = Transcript()
        _ = unsent.watch(1)
        #expect(unsent.cancelWatch(1) == [])
        #expect(unsent.connected(1) == ["use 1"])
    }

    @Test("A silent connection gets a ping, and is closed without a reply")
    func keepAlive() {
        let machine = Self.established()
        #expect(machine.nextTime.map { $0 >= 30 } ?? true)
        #expect(machine.submit(1, deadline: 500, now: 100) == ["write 1"])
        _ = machine.time(100)
        #expect(machine.nextTime == 115)
        #expect(machine.time(115) == ["ping"])
        machine.heard(1, now: 116)
        #expect(machine.time(130) == [])
        #expect(machine.time(131) == ["ping"])
        #expect(machine.time(135) == [])
        #expect(machine.time(136) == ["hang up", "fail 1 lost sent", "rest"])
        #expect(machine.time(500) == [])
        #expect(machine.nextTime == nil)
    }

    @Test("No ping is sent while no watch is open")
    func idle() {
        let machine = Self.established()
        _ = machine.time(30)
        #expect(machine.nextTime == nil)
        // Earlier silence does not count.
        _ = machine.submit(1, deadline: 2000, now: 1000)
        #expect(machine.time(1014) == [])
        #expect(machine.time(1015) == ["ping"])
        _ = machine.cancelled(1)
        _ = machine.submit(2, deadline: 2000, now: 1100)
        #expect(machine.time(1114) == [])
        #expect(machine.time(1115) == ["ping"])
    }

    @Test("Watches too leave a stuck daemon")
    func stuck() {
        let machine = Self.established()
        _ = machine.watch(1)
        #expect(machine.time(15) == ["ping"])
        #expect(machine.time(20) == ["hang up", "back off 37500 us"])
        #expect(machine.backOffEnded() == ["connect 2"])
        #expect(machine.connected(2) == ["use 2"])
        #expect(machine.time(35) == ["ping"])
        #expect(machine.time(40) == ["hang up", "back off 75000 us"])
        #expect(machine.backOffEnded() == ["connect 3"])
        #expect(machine.connected(3) == ["use 3"])
        machine.heard(3, now: 41)
        #expect(machine.window(3, 256) == ["write 1"])
    }

    @Test("A protocol violation ends watches; a refused connection does not")
    func violation() {
        let machine = Self.established()
        _ = machine.watch(1)
        #expect(machine.violated(1) == ["hang up", "fail 1 violation sent", "rest"])
        let twice = Self.established()
        _ = twice.watch(1)
        #expect(twice.watchAnswered(1, 1, WireError(.internalError, "broken")) == [])
        #expect(twice.watchAnswered(1, 1) == ["violation", "hang up", "back off 37500 us"])
        let full = Self.established()
        _ = full.watch(1)
        #expect(full.refused(1, WireError(.unavailable, "full")) == ["hang up", "back off 37500 us"])
    }

    @Test("A watch ends when it is cancelled or the client closes")
    func end() {
        let machine = Self.established()
        _ = machine.watch(1)
        _ = machine.submit(2)
        #expect(machine.endWatches() == ["fail 1 closed sent", "tell server 1"])
        #expect(machine.answered(1, 2) == ["deliver 2"])
        _ = machine.watch(3)
        #expect(machine.close() == ["fail 3 closed sent"])
        #expect(machine.nextTime == nil)
        #expect(machine.watch(4) == ["fail 4 closed unsent"])
    }

    @Test("Watches over the limit are refused")
    func overloaded() {
        let machine = Transcript(maximumWaiting: 2)
        _ = machine.watch(1)
        #expect(machine.watch(2) == [])
        #expect(machine.watch(3) == ["fail 3 overloaded unsent"])
        _ = machine.cancelWatch(1)
        #expect(machine.watch(4) == [])
    }
}
