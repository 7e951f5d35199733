import JoblineProtocol
import NIOCore
import Testing

@testable import Jobline

@Suite("Client state machine")
struct ClientStateMachineTests {
    /// A machine with a connection over which an answer has come.
    static func established(window: Int = 256) -> Transcript {
        let machine = Transcript(window: window)
        _ = machine.submit(0)
        _ = machine.connected(1)
        _ = machine.answered(1, 0)
        return machine
    }

    @Test("The first call connects, and replies are matched by id in any order")
    func anyOrder() {
        let machine = Transcript()
        #expect(machine.submit(1) == ["connect 1"])
        #expect(machine.submit(2) == [])
        #expect(machine.connected(1) == ["use 1", "write 1", "write 2"])
        #expect(machine.submit(3) == ["write 3"])
        #expect(machine.answered(1, 3) == ["deliver 3"])
        #expect(machine.answered(1, 1) == ["deliver 1"])
        #expect(machine.answered(1, 2) == ["deliver 2"])
    }

    @Test("No more requests than the window are sent; each reply lets the next one go")
    func window() {
        let machine = Transcript(window: 2)
        #expect(machine.submit(1) == ["connect 1"])
        #expect(machine.submit(2) == [])
        #expect(machine.submit(3) == [])
        #expect(machine.submit(4) == [])
        #expect(machine.connected(1) == ["use 1", "write 1", "write 2"])
        #expect(machine.answered(1, 2) == ["deliver 2", "write 3"])
        #expect(machine.window(1, 3) == ["write 4"])
        #expect(machine.window(1, 0) == [])
        #expect(machine.answered(1, 1) == ["deliver 1"])
    }

    @Test("Requests are kept while the socket takes no bytes")
    func writability() {
        let machine = Self.established()
        #expect(machine.writable(1, false) == [])
        #expect(machine.submit(1) == [])
        #expect(machine.submit(2) == [])
        #expect(machine.cancelled(1) == ["fail 1 cancelled unsent"])
        #expect(machine.writable(1, true) == ["write 2"])
    }

    @Test("Calls beyond the queue limit are refused")
    func overloaded() {
        let machine = Transcript(maximumWaiting: 2)
        #expect(machine.submit(1) == ["connect 1"])
        #expect(machine.submit(2) == [])
        #expect(machine.submit(3) == ["fail 3 overloaded unsent"])
        #expect(machine.cancelled(2) == ["fail 2 cancelled unsent"])
        #expect(machine.submit(4) == [])
    }

    @Test("A call that ends in the queue leaves nothing behind")
    func waitingEnds() {
        let machine = Transcript(maximumWaiting: 2)
        #expect(machine.submit(0) == ["connect 1"])
        for id in Int64(1)...1000 {
            #expect(machine.submit(id) == [])
            #expect(machine.cancelled(id) == ["fail \(id) cancelled unsent"])
        }
        #expect(machine.connected(1) == ["use 1", "write 0"])
    }

    @Test("A cancelled request keeps its slot until its late reply, which is ignored")
    func cancelled() {
        let machine = Self.established(window: 2)
        #expect(machine.submit(1) == ["write 1"])
        #expect(machine.submit(2) == ["write 2"])
        #expect(machine.submit(3) == [])
        #expect(machine.cancelled(1) == ["fail 1 cancelled sent", "tell server 1"])
        #expect(machine.cancelled(1) == ["ignore"])
        #expect(machine.answered(1, 1) == ["ignore", "write 3"])
        #expect(machine.cancelled(1) == ["ignore"])
        #expect(machine.cancelled(99) == ["ignore"])
    }

    @Test("A deadline ends one call, sent or not, and the others go on")
    func deadlines() {
        let machine = Self.established(window: 2)
        _ = machine.submit(1, deadline: 10)
        _ = machine.submit(2, deadline: 20)
        _ = machine.submit(3, deadline: 5)
        #expect(machine.earliestDeadline == 5)
        #expect(machine.time(5) == ["fail 3 timedOut unsent"])
        #expect(machine.earliestDeadline == 10)
        #expect(machine.time(9) == [])
        #expect(machine.time(10) == ["fail 1 timedOut sent", "tell server 1"])
        #expect(machine.earliestDeadline == 20)
        #expect(machine.answered(1, 1) == ["ignore"])
        #expect(machine.answered(1, 2) == ["deliver 2"])
        #expect(machine.submit(4, deadline: 30, now: 30) == ["fail 4 timedOut unsent"])
    }

    @Test("The client disconnects from a daemon that leaves a whole window unanswered")
    func stuck() {
        let machine = Self.established(window: 2)
        _ = machine.submit(1, deadline: 10)
        _ = machine.submit(2, deadline: 10)
        _ = machine.submit(3, deadline: 20)
        #expect(
            machine.time(10) == [
                "fail 1 timedOut sent", "fail 2 timedOut sent", "tell server 1", "tell server 2", "hang up",
                "connect 2",
            ])
        #expect(machine.connected(2) == ["use 2"])
        machine.heard(2, now: 11)
        #expect(machine.window(2, 2) == ["write 3"])
    }

    @Test("A lost connection fails sent requests; waiting ones are sent once the next one has a reply")
    func lost() {
        let machine = Self.established(window: 1)
        #expect(machine.submit(1) == ["write 1"])
        #expect(machine.submit(2) == [])
        #expect(machine.lost(1) == ["hang up", "fail 1 lost sent", "connect 2"])
        #expect(machine.lost(1) == [])
        #expect(machine.connected(2) == ["use 2"])
        // A killed daemon accepts connections until its end: no call was lost with this one.
        #expect(machine.lost(2) == ["hang up", "back off 37500 us"])
        #expect(machine.backOffEnded() == ["connect 3"])
        #expect(machine.connected(3) == ["use 3"])
        machine.heard(3, now: 0)
        #expect(machine.window(3, 1) == ["write 2"])
        #expect(machine.answered(1, 2) == ["ignore"])
        #expect(machine.answered(3, 2) == ["deliver 2"])
        #expect(machine.lost(3) == ["hang up", "rest"])
        #expect(machine.submit(3) == ["connect 4"])
    }

    @Test("A connection that ends before any reply counts as failed")
    func lostEarly() {
        let machine = Transcript(window: 1)
        _ = machine.submit(1)
        _ = machine.submit(2)
        #expect(machine.connected(1) == ["use 1", "write 1"])
        #expect(machine.lost(1) == ["hang up", "fail 1 lost sent", "back off 37500 us"])
    }

    @Test("A drained connection finishes its calls, takes no more, and is replaced")
    func drain() {
        let machine = Self.established()
        _ = machine.submit(1)
        _ = machine.submit(2)
        #expect(machine.drainNoticed(1) == [])
        #expect(machine.drainNoticed(1) == [])
        #expect(machine.submit(3) == [])
        #expect(machine.answered(1, 1) == ["deliver 1"])
        #expect(machine.answered(1, 2) == ["deliver 2", "hang up", "connect 2"])
        #expect(machine.connected(2) == ["use 2", "write 3"])
    }

    @Test("A drained connection does not wait for replies of cancelled calls")
    func drainAbandoned() {
        let machine = Self.established()
        _ = machine.submit(1)
        #expect(machine.drainNoticed(1) == [])
        #expect(machine.cancelled(1) == ["fail 1 cancelled sent", "tell server 1", "hang up", "rest"])
        let idle = Self.established()
        #expect(idle.drainNoticed(1) == ["hang up", "rest"])
        let cut = Self.established()
        _ = cut.submit(1)
        _ = cut.drainNoticed(1)
        _ = cut.submit(2)
        // Requests without a reply at the drain notice were not begun.
        #expect(cut.lost(1) == ["hang up", "fail 1 refused 503 sent", "connect 2"])
    }

    @Test("After a 503 the client pings to learn whether the daemon drains, and sends nothing until the reply")
    func rejectedAsUnavailable() {
        let draining = Self.established()
        _ = draining.submit(1)
        _ = draining.submit(2)
        #expect(draining.rejectedAsUnavailable(1) == ["ping"])
        #expect(draining.rejectedAsUnavailable(1) == [])
        #expect(draining.submit(3) == [])
        #expect(draining.probed(1, isDraining: true) == [])
        #expect(draining.answered(1, 1) == ["deliver 1"])
        #expect(draining.lost(1) == ["hang up", "fail 2 lost sent", "connect 2"])
        #expect(draining.connected(2) == ["use 2", "write 3"])
        let busy = Self.established()
        _ = busy.submit(1)
        #expect(busy.rejectedAsUnavailable(1) == ["ping"])
        #expect(busy.submit(2) == [])
        #expect(busy.probed(1, isDraining: false) == ["write 2"])
        #expect(busy.probed(1, isDraining: true) == [])
        let silent = Self.established()
        _ = silent.rejectedAsUnavailable(1)
        _ = silent.submit(1)
        #expect(silent.time(15) == ["ping"])
        #expect(silent.time(20) == ["hang up", "connect 2"])
    }

    @Test("A silent daemon gets no more requests until it responds, over any number of connections")
    func silent() {
        let machine = Self.established()
        _ = machine.submit(1, deadline: 500)
        #expect(machine.time(15) == ["ping"])
        #expect(machine.time(20) == ["hang up", "fail 1 lost sent", "rest"])
        #expect(machine.submit(2, deadline: 60, now: 21) == ["connect 2"])
        #expect(machine.submit(3, deadline: 30, now: 21) == [])
        #expect(machine.connected(2) == ["use 2"])
        #expect(machine.time(30) == ["fail 3 unreachable unsent"])
        #expect(machine.time(36) == ["ping"])
        #expect(machine.time(41) == ["hang up", "back off 37500 us"])
        #expect(machine.backOffEnded() == ["connect 3"])
        #expect(machine.connected(3) == ["use 3"])
        machine.heard(3, now: 42)
        #expect(machine.window(3, 256) == ["write 2"])
    }

    @Test("A daemon that is silent while it drains gets no more requests either")
    func silentDrain() {
        let machine = Self.established()
        _ = machine.submit(1)
        _ = machine.drainNoticed(1)
        _ = machine.submit(2, deadline: 500)
        #expect(machine.time(15) == ["ping"])
        #expect(machine.time(20) == ["hang up", "fail 1 refused 503 sent", "connect 2"])
        #expect(machine.connected(2) == ["use 2"])
        machine.heard(2, now: 21)
        #expect(machine.window(2, 256) == ["write 2"])
    }

    @Test("An error without id fails the sent requests with that error")
    func refused() {
        let machine = Transcript()
        _ = machine.submit(1)
        _ = machine.connected(1)
        #expect(
            machine.refused(1, WireError(.tooManyRequests, "full"))
                == ["hang up", "fail 1 refused 429 sent", "rest"])
        #expect(machine.refused(1, WireError(.tooManyRequests, "full")) == [])
    }

    @Test("The client disconnects from a peer that sends no replies, or replies to unknown requests")
    func violation() {
        let garbage = Self.established()
        _ = garbage.submit(1)
        #expect(garbage.violated(1) == ["hang up", "fail 1 violation sent", "rest"])
        #expect(garbage.violated(1) == [])
        let unknown = Self.established()
        _ = unknown.submit(1)
        #expect(unknown.answered(1, 77) == ["violation", "hang up", "fail 1 violation sent", "rest"])
        let twice = Self.established()
        _ = twice.submit(1)
        #expect(twice.answered(1, 1) == ["deliver 1"])
        #expect(twice.answered(1, 1) == ["violation", "hang up", "rest"])
        let early = Self.established(window: 1)
        _ = early.submit(1)
        _ = early.submit(2)
        #expect(early.answered(1, 2).first == "violation")
    }

    @Test("A request over the size limit leaves its slot to the next")
    func notWritten() {
        let machine = Self.established(window: 1)
        #expect(machine.submit(1) == ["write 1"])
        #expect(machine.submit(2) == [])
        #expect(machine.notWritten(1) == ["write 2"])
    }

    @Test("Closing ends every call, and a connection that comes too late")
    func close() {
        let machine = Self.established(window: 1)
        _ = machine.submit(1)
        _ = machine.submit(2)
        #expect(machine.close() == ["fail 1 closed sent", "fail 2 closed unsent"])
        #expect(machine.close() == [])
        #expect(machine.lost(1) == [])
        #expect(machine.submit(3) == ["fail 3 closed unsent"])
        #expect(machine.earliestDeadline == nil)
        let connecting = Transcript()
        _ = connecting.submit(1)
        #expect(connecting.close() == ["fail 1 closed unsent"])
        #expect(connecting.connected(1) == ["close 1"])
        #expect(connecting.connectFailed(1) == ["ignore"])
        let pausing = Transcript()
        _ = pausing.submit(1)
        _ = pausing.connectFailed(1)
        _ = pausing.close()
        #expect(pausing.backOffEnded() == ["rest"])
    }
}
