import JoblineProtocol
import Testing

@testable import JoblineServer

extension ConnectionStateMachine {
    /// Receives a request whose work, if it starts, goes on.
    mutating func receivedAndBegan(
        _ request: Request, watchedJobs: Int? = nil, at now: ContinuousClock.Instant
    ) -> ReceiveAction {
        let action = received(request, watchedJobs: watchedJobs, at: now)
        if case .start(let admitted) = action { began(admitted) }
        return action
    }

    /// Takes a step; the work of a request that starts goes on.
    mutating func stepAndBegan() -> Step {
        let step = step()
        if case .start(let admitted) = step { began(admitted) }
        return step
    }
}

/// Event in, action out.
@Suite struct ConnectionStateMachineTests {
    typealias Admitted = RequestWindow.Admitted

    static let start = ContinuousClock.now

    static func machine(inFlight: Int = 2, refusal: WireError? = nil) -> ConnectionStateMachine {
        ConnectionStateMachine(
            limits: .init(
                inFlight: inFlight, inFlightBytes: 1000, watchedJobs: 10, defaultTimeout: .seconds(60),
                maximumTimeout: .seconds(300),
                softOutputBytes: 100, hardOutputBytes: 1000),
            refusal: refusal)
    }

    static func framed(_ id: Int64?, timeout: Int? = nil) -> Request {
        Request(id: id.map(RequestID.integer), method: "rpc.ping", timeoutMilliseconds: timeout)
    }

    static func bare(timeout: Int? = nil) -> Request {
        Request(form: .bare, id: nil, method: "rpc.ping", timeoutMilliseconds: timeout)
    }

    static func admitted(_ key: UInt64, _ request: Request, seconds: Int = 60) -> Admitted {
        Admitted(
            key: RequestKey(number: key), request: request, arrival: start,
            deadline: start.advanced(by: .seconds(seconds)), watchedJobs: nil)
    }

    static func key(_ number: UInt64) -> RequestKey { RequestKey(number: number) }

    static func address(_ id: Int64) -> ReplyAddress { ReplyAddress(form: .framed, id: .integer(id)) }

    static let bareAddress = ReplyAddress(form: .bare, id: nil)

    // MARK: Requests

    @Test("Requests with an id run side by side and are answered in any order")
    func outOfOrder() {
        var machine = Self.machine()
        let first = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        let second = machine.receivedAndBegan(Self.framed(2), at: Self.start)
        #expect(first == .start(Self.admitted(1, Self.framed(1))))
        #expect(second == .start(Self.admitted(2, Self.framed(2))))
        let answers = [machine.finished(Self.key(2)), machine.finished(Self.key(1))]
        #expect(answers == [.deliver(Self.address(2)), .deliver(Self.address(1))])
        let again = machine.finished(Self.key(1))
        #expect(again == .discard)
    }

    @Test("Requests without an id run one after the other; notifications are not answered")
    func inOrder() {
        var machine = Self.machine(inFlight: 3)
        let actions = [Self.bare(), Self.framed(nil), Self.bare()].map { machine.receivedAndBegan($0, at: Self.start) }
        let deadline = Self.start.advanced(by: .seconds(60))
        #expect(
            actions == [
                .start(Self.admitted(1, Self.bare())), .queued(deadline: deadline), .queued(deadline: deadline),
            ])
        var steps = [machine.stepAndBegan()]
        let first = machine.finished(Self.key(1))
        steps += [machine.stepAndBegan(), machine.stepAndBegan()]
        let second = machine.finished(Self.key(2))
        steps += [machine.stepAndBegan(), machine.stepAndBegan()]
        #expect(first == .deliver(Self.bareAddress))
        #expect(second == .withhold)
        #expect(
            steps == [
                .none, .start(Self.admitted(2, Self.framed(nil))), .none, .start(Self.admitted(3, Self.bare())), .none,
            ])
    }

    @Test("A line that is no request is answered in its place in the order")
    func rejectedInOrder() {
        var machine = Self.machine()
        let error = WireError(.parseError, "no")
        let alone = machine.rejected(Self.bareAddress, error)
        #expect(alone == .answer(Self.bareAddress, .error(error)))
        _ = machine.receivedAndBegan(Self.bare(), at: Self.start)
        let behind = machine.rejected(Self.bareAddress, error)
        let framed = machine.rejected(ReplyAddress(form: .framed, id: nil), error)
        #expect(behind == .settled(.error(error)))
        #expect(framed == .answer(ReplyAddress(form: .framed, id: nil), .error(error)))
        _ = machine.finished(Self.key(1))
        let step = machine.stepAndBegan()
        #expect(step == .answer(Self.bareAddress, .error(error)))
    }

    @Test("One request over the window is refused, and there is room again after a reply")
    func window() {
        var machine = Self.machine(inFlight: 2)
        _ = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        _ = machine.receivedAndBegan(Self.framed(2), at: Self.start)
        let third = machine.receivedAndBegan(Self.framed(3), at: Self.start)
        #expect(third == .answer(Self.address(3), .error(.windowFull(2))))
        #expect(WireError.windowFull(2).code == .tooManyRequests)
        #expect(WireError.windowFull(2).scope == "connection")
        #expect(WireError.windowFull(2).processed == false)
        let input = machine.input
        #expect(input == .decode)
        _ = machine.finished(Self.key(1))
        let fourth = machine.receivedAndBegan(Self.framed(4), at: Self.start)
        #expect(fourth == .start(Self.admitted(3, Self.framed(4))))
    }

    @Test("Requests without an id are not refused: reading pauses until there is room")
    func orderedWindow() {
        var machine = Self.machine(inFlight: 2)
        _ = machine.receivedAndBegan(Self.bare(), at: Self.start)
        let before = machine.input
        _ = machine.receivedAndBegan(Self.bare(), at: Self.start)
        let full = machine.input
        _ = machine.finished(Self.key(1))
        _ = machine.stepAndBegan()
        let after = machine.input
        #expect([before, full, after] == [.decode, .pause, .decode])
    }

    @Test("An id that is in flight is refused, and free after the reply")
    func duplicate() {
        var machine = Self.machine()
        _ = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        let second = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        #expect(second == .answer(Self.address(1), .error(.duplicateID())))
        let text = machine.receivedAndBegan(Request(id: .string("1"), method: "rpc.ping"), at: Self.start)
        #expect(text == .start(Self.admitted(2, Request(id: .string("1"), method: "rpc.ping"))))
        let first = machine.finished(Self.key(1))
        #expect(first == .deliver(Self.address(1)))
        let third = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        #expect(third == .start(Self.admitted(3, Self.framed(1))))
    }

    // MARK: Cancel

    @Test("A cancelled request is answered once and makes room; work that goes on is bounded as well")
    func cancel() {
        var machine = Self.machine(inFlight: 1)
        _ = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        let cancel = machine.receivedCancel(of: .integer(1), replyTo: Self.address(9))
        #expect(cancel.ended == .init(subject: .begun(Self.key(1)), address: Self.address(1), error: .cancelled()))
        #expect(cancel.reply == .answer(Self.address(9), .acknowledged))
        let again = machine.receivedCancel(of: .integer(1), replyTo: nil)
        #expect(again == .init(ended: nil, reply: .settled(.acknowledged)))
        let next = machine.receivedAndBegan(Self.framed(2), at: Self.start)
        #expect(next == .start(Self.admitted(2, Self.framed(2))))
        _ = machine.receivedCancel(of: .integer(2), replyTo: nil)
        let early = machine.receivedAndBegan(Self.framed(3), at: Self.start)
        #expect(early == .answer(Self.address(3), .error(.windowFull(1))))
        let late = machine.finished(Self.key(1))
        #expect(late == .discard)
        let last = machine.receivedAndBegan(Self.framed(3), at: Self.start)
        #expect(last == .start(Self.admitted(3, Self.framed(3))))
    }

    @Test("A cancel of an unknown id is acknowledged and not remembered")
    func cancelUnknown() {
        var machine = Self.machine()
        let cancel = machine.receivedCancel(of: .integer(1), replyTo: Self.address(9))
        #expect(cancel == .init(ended: nil, reply: .answer(Self.address(9), .acknowledged)))
        let request = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        #expect(request == .start(Self.admitted(1, Self.framed(1))))
    }

    @Test("The result wins if it was first, and the cancel finds nothing")
    func cancelAfter() {
        var machine = Self.machine()
        _ = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        let finished = machine.finished(Self.key(1))
        let cancel = machine.receivedCancel(of: .integer(1), replyTo: nil)
        #expect(finished == .deliver(Self.address(1)))
        #expect(cancel.ended == nil)
    }

    @Test("A cancel with the id of the request it wants to cancel is refused")
    func cancelOfItself() {
        var machine = Self.machine()
        _ = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        let cancel = machine.receivedCancel(of: .integer(1), replyTo: Self.address(1))
        #expect(cancel == .init(ended: nil, reply: .answer(Self.address(1), .error(.duplicateID()))))
    }

    @Test("A cancel typed without id acts at once and is acknowledged in its place")
    func cancelInOrder() {
        var machine = Self.machine()
        _ = machine.receivedAndBegan(Self.bare(), at: Self.start)
        _ = machine.receivedAndBegan(Self.framed(1), at: Self.start)
        let cancel = machine.receivedCancel(of: .integer(1), replyTo: Self.bareAddress)
        #expect(cancel.ended?.address == Self.address(1))
        #expect(cancel.reply == .settled(.acknowledged))
        _ = machine.finished(Self.key(1))
        let step = machine.stepAndBegan()
        #expect(step == .answer(Self.bareAddress, .acknowledged))
    }

    // MARK: Deadlines

    @Test("A deadline is the request's own, the default, or the maximum")
    func deadlines() {
        var machine = Self.machine(inFlight: 3)
        let actions = [Self.framed(1, timeout: 1000), Self.framed(2), Self.framed(3, timeout: 900_000)].map {
            machine.receivedAndBegan($0, at: Self.start)
        }
        #expect(
            actions == [
                .start(Self.admitted(1, Self.framed(1, timeout: 1000), seconds: 1)),
                .start(Self.admitted(2, Self.framed(2), seconds: 60)),
                .start(Self.admitted(3, Self.framed(3, timeout: 900_000), seconds: 300)),
            ])
        let next = machine.nextDeadline
        #expect(next == Self.start.advanced(by: .seconds(1)))
    }

    @Test("A request gets one 504 at its deadline")
    func expiry() {
        var machine = Self.machine()
        _ = machine.receivedAndBegan(Self.framed(1, timeout: 10), at: Self.start)
        let early = machine.expired(at: Self.start.advanced(by: .nanoseconds(9_999_999)))
        let due = machine.expired(at: Self.start.advanced(by: .milliseconds(10)))
        let again = machine.expired(at: Self.start.advanced(by: .milliseconds(11)))
        let late = machine.finished(Self.key(1))
        #expect(early == [])
        #expect(due == [.init(subject: .begun(Self.key(1)), address: Self.address(1), error: .deadlineExceeded())])
        #expect(again == [])
        #expect(late == .discard)
        let next = machine.nextDeadline
        #expect(next == nil)
    }

    @Test("A deadline in the queue is answered in its place, and says that nothing was done")
    func expiryInQueue() {
        var machine = Self.machine(inFlight: 4)
        _ = machine.receivedAndBegan(Self.bare(), at: Self.start)
        _ = machine.receivedAndBegan(Self.bare(timeout: 10), at: Self.start)
        _ = machine.receivedAndBegan(Self.framed(nil, timeout: 10), at: Self.start)
        let due = machine.expired(at: Self.start.advanced(by: .milliseconds(10)))
        let again = machine.expired(at: Self.start.advanced(by: .milliseconds(11)))
        #expect(
            due
                == [Self.bare(timeout: 10), Self.framed(nil, timeout: 10)].map {
                    .init(subject: .waiting($0), address: nil, error: .deadlineExceeded(processed: false))
                })
        #expect(again == [])
        _ = machine.finished(Self.key(1))
        let steps = [machine.stepAndBegan(), machine.stepAndBegan()]
        #expect(steps == [.answer(Self.bareAddress, .error(.deadlineExceeded(processed: false))), .none])
    }

    // MARK: Output

    @Test("Over the soft cap nothing is read; below it reading goes on")
    func softCap() {
        var machine = Self.machine()
        let below = machine.outputChanged(unsent: 100)
        let over = machine.outputChanged(unsent: 101)
        let paused = machine.input
        let still = machine.outputChanged(unsent: 500)
        let fires = machine.slowConsumerTimerFired()
        let under = machine.outputChanged(unsent: 100)
        let reading = machine.input
        let stale = machine.slowConsumerTimerFired()
        #expect([below, over, still, under] == [.none, .startTimer, .none, .stopTimer])
        #expect([paused, reading] == [.pause, .decode])
        #expect(fires)
        #expect(!stale)
    }

    @Test("Over the hard cap the connection is closed")
    func hardCap() {
        var machine = Self.machine()
        let at = machine.outputChanged(unsent: 1000)
        let over = machine.outputChanged(unsent: 1001)
        #expect([at, over] == [.startTimer, .close])
    }
}
