import JoblineProtocol
import Testing

@testable import JoblineServer

/// Requests that last until their callers have seen enough.
@Suite struct ConnectionStateMachineWatchTests {
    private typealias Base = ConnectionStateMachineTests

    private static let start = Base.start

    private static func watch(_ id: Int64?, timeout: Int? = nil) -> Request {
        Request(
            form: id == nil ? .bare : .framed, id: id.map(RequestID.integer), method: "Sidecar.WatchJobs",
            timeoutMilliseconds: timeout)
    }

    /// Begins a watch of so many jobs; its keys count up from 1, with those of all requests.
    private static func begin(
        _ machine: inout ConnectionStateMachine, _ id: Int64?, jobs: Int = 1
    ) -> WireError? {
        switch machine.receivedAndBegan(watch(id), watchedJobs: jobs, at: start) {
        case .answer(_, .error(let error)): error
        default: nil
        }
    }

    @Test("Watches take no slot of the window, and calls none of the watches")
    func window() {
        var machine = Base.machine(inFlight: 2)
        for id in 1...10 {
            let refusal = Self.begin(&machine, Int64(id))
            #expect(refusal == nil)
        }
        let calls = (11...13).map { machine.receivedAndBegan(Base.framed(Int64($0)), at: Self.start) }
        #expect(calls[0] == .start(Base.admitted(11, Base.framed(11))))
        #expect(calls[1] == .start(Base.admitted(12, Base.framed(12))))
        #expect(calls[2] == .answer(Base.address(13), .error(.windowFull(2))))
        let refusal = Self.begin(&machine, 14)
        #expect(refusal?.code == .tooManyRequests && refusal?.scope == "connection" && refusal?.processed == false)
    }

    @Test("All watches share a limit of jobs; the jobs of a watch count until its work has ended")
    func jobs() {
        var machine = Base.machine()
        let first = [Self.begin(&machine, 1, jobs: 6), Self.begin(&machine, 2, jobs: 4)]
        #expect(first == [nil, nil])
        let third = machine.receivedAndBegan(Self.watch(3), watchedJobs: 1, at: Self.start)
        #expect(third == .answer(Base.address(3), .error(.tooManyWatched(10))))
        let cancelled = machine.receivedCancel(of: .integer(1), replyTo: nil).ended
        #expect(cancelled?.error.code == .cancelled)
        let early = Self.begin(&machine, 4, jobs: 6)
        #expect(early == .tooManyWatched(10))
        let over = machine.finished(Base.key(1))
        #expect(over == .discard)
        let late = Self.begin(&machine, 5, jobs: 6)
        #expect(late == nil)
    }

    @Test("Watches have only their own deadline, limited by the maximum")
    func deadline() {
        var machine = Base.machine()
        _ = Self.begin(&machine, 1)
        let none = machine.nextDeadline
        #expect(none == nil)
        let named = machine.receivedAndBegan(Self.watch(2, timeout: 1_000_000), watchedJobs: 1, at: Self.start)
        let maximum = Self.start.advanced(by: .seconds(300))
        #expect(
            named
                == .start(
                    .init(
                        key: Base.key(2), request: Self.watch(2, timeout: 1_000_000), arrival: Self.start,
                        deadline: maximum, watchedJobs: 1)))
        let ended = machine.expired(at: maximum)
        #expect(ended.map(\.error.code) == [.deadlineExceeded])
        #expect(ended.map(\.subject) == [.begun(Base.key(2))])
    }

    @Test("Watches end at once in a drain, while calls finish")
    func drain() {
        var machine = Base.machine()
        _ = Self.begin(&machine, 1)
        _ = machine.receivedAndBegan(Base.framed(2), at: Self.start)
        let ended = machine.drain()
        #expect(ended.map(\.subject) == [.begun(Base.key(1))])
        #expect(ended.map(\.error) == [.draining(processed: false)])
        let before = machine.stepAndBegan()
        #expect(before == .none)
        _ = machine.finished(Base.key(2))
        let after = machine.stepAndBegan()
        #expect(after == .depart)
    }

    @Test("Watches go on after a half-close, until the server drains")
    func halfClose() {
        var machine = Base.machine()
        _ = Self.begin(&machine, nil)
        machine.inputClosed()
        let open = machine.stepAndBegan()
        #expect(open == .none)
        let notifies = machine.notifies(Base.key(1), unsent: 0)
        #expect(notifies == .send)
        let ended = machine.drain()
        #expect(ended.map(\.address) == [Base.bareAddress])
        let closing = machine.stepAndBegan()
        #expect(closing == .close)
    }

    @Test("Watches send nothing after their final reply, and hold notifications while the peer does not read")
    func notifies() {
        var machine = Base.machine()
        _ = Self.begin(&machine, 1)
        // An eighth of the soft cap of 100 bytes.
        let actions = [0, 12, 13, 100].map { machine.notifies(Base.key(1), unsent: $0) }
        #expect(actions == [.send, .send, .hold, .hold])
        let revoked = machine.revoked(Base.key(1), .cancelled())
        #expect(revoked?.address == Base.address(1))
        let after = machine.notifies(Base.key(1), unsent: 0)
        #expect(after == .discard)
        let again = machine.revoked(Base.key(1), .cancelled())
        #expect(again == nil)
    }

    @Test("Requests behind a watch without id wait")
    func order() {
        var machine = Base.machine(inFlight: 2)
        _ = Self.begin(&machine, nil)
        let second = machine.receivedAndBegan(Base.bare(), at: Self.start)
        #expect(second == .queued(deadline: Self.start.advanced(by: .seconds(60))))
        let third = machine.receivedAndBegan(Self.watch(nil), watchedJobs: 1, at: Self.start)
        #expect(third == .queued(deadline: nil))
        _ = machine.finished(Base.key(1))
        let next = machine.stepAndBegan()
        #expect(next == .start(Base.admitted(2, Base.bare())))
    }

    @Test("A broken frame cancels watches, queued ones as well")
    func brokenFrame() {
        let broken = WireError(.parseError, "broken")
        var machine = Base.machine()
        _ = Self.begin(&machine, 1)
        _ = Self.begin(&machine, nil)
        _ = machine.receivedAndBegan(Self.watch(nil), watchedJobs: 1, at: Self.start)
        let ended = machine.inputBroke(broken)
        #expect(ended.map(\.error.code) == [.cancelled, .cancelled, .cancelled])
        _ = machine.finished(Base.key(1))
        _ = machine.finished(Base.key(2))
        let steps = [machine.stepAndBegan(), machine.stepAndBegan()]
        #expect(steps == [.answer(Base.bareAddress, .error(.cancelled(processed: false))), .conclude(broken)])
    }

    @Test("The end of the connection ends each watch; queued ones are returned")
    func closed() {
        var machine = Base.machine()
        _ = Self.begin(&machine, 1, jobs: 5)
        _ = Self.begin(&machine, nil)
        _ = Self.begin(&machine, nil)
        let queued = machine.closed()
        #expect(queued == [Self.watch(nil)])
        let held = machine.heldBytes
        #expect(held == 0)
    }
}
