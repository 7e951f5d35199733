import Testing

@testable import Jobline

@Suite("Client state machine: backoff")
struct ClientStateMachineBackoffTests {
    @Test("Backoff grows while nobody listens, and each call ends by its deadline")
    func backOff() {
        let machine = Transcript()
        #expect(machine.submit(1, deadline: 10) == ["connect 1"])
        #expect(machine.connectFailed(1) == ["back off 37500 us"])
        #expect(machine.submit(2, deadline: 20) == [])
        #expect(machine.backOffEnded() == ["connect 2"])
        #expect(machine.connectFailed(2) == ["back off 75000 us"])
        #expect(machine.connectFailed(2) == ["ignore"])
        #expect(machine.time(10) == ["fail 1 unreachable unsent"])
        #expect(machine.backOffEnded() == ["connect 3"])
        #expect(machine.connectFailed(3) == ["back off 150000 us"])
        #expect(machine.backOffEnded() == ["connect 4"])
        #expect(machine.connected(4) == ["use 4", "write 2"])
    }

    @Test("Backoff is at most one second")
    func backOffMaximum() {
        let machine = Transcript()
        #expect(machine.submit(1) == ["connect 1"])
        for generation in 1...40 {
            let log = machine.connectFailed(generation)
            if generation > 5 { #expect(log == ["back off 750000 us"]) }
            #expect(machine.backOffEnded() == ["connect \(generation + 1)"])
        }
    }

    @Test("Backoff ends when no call waits")
    func backOffForNobody() {
        let machine = Transcript()
        #expect(machine.submit(1) == ["connect 1"])
        #expect(machine.connectFailed(1) == ["back off 37500 us"])
        #expect(machine.cancelled(1) == ["fail 1 cancelled unsent"])
        #expect(machine.backOffEnded() == ["rest"])
        #expect(machine.backOffEnded() == ["rest"])
        #expect(machine.submit(2) == ["connect 2"])
    }

    @Test("A call fails at once if waiting is useless or switched off")
    func failsFast() {
        let forbidden = Transcript()
        #expect(forbidden.submit(1) == ["connect 1"])
        #expect(forbidden.connectFailed(1, mayPass: false) == ["fail 1 inaccessible unsent", "rest"])
        #expect(forbidden.submit(2) == ["connect 2"])
        let impatient = Transcript(waitsForDaemon: false)
        #expect(impatient.submit(1) == ["connect 1"])
        #expect(impatient.connectFailed(1) == ["fail 1 unreachable unsent", "rest"])
    }
}
