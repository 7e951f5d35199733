import JoblineProtocol
import Testing

@testable import JoblineServer

/// Tests the end of a connection: event in, action out.
@Suite struct ConnectionStateMachineEndingTests {
    typealias Machines = ConnectionStateMachineTests

    private let start = Machines.start
    private let broken = WireError(.parseError, "broken")

    @Test("Half-close: requests are answered, then the connection closes")
    func halfClose() {
        var machine = Machines.machine()
        _ = machine.receivedAndBegan(Machines.framed(1), at: start)
        machine.inputClosed()
        let waiting = machine.stepAndBegan()
        let answer = machine.finished(Machines.key(1))
        let steps = [machine.stepAndBegan(), machine.stepAndBegan()]
        #expect(waiting == .none)
        #expect(answer == .deliver(Machines.address(1)))
        #expect(steps == [.close, .none])
    }

    @Test("Half-close with requests in order: each of them is still carried out")
    func halfCloseInOrder() {
        var machine = Machines.machine()
        _ = machine.receivedAndBegan(Machines.bare(), at: start)
        _ = machine.receivedAndBegan(Machines.bare(), at: start)
        machine.inputClosed()
        _ = machine.finished(Machines.key(1))
        let second = machine.stepAndBegan()
        _ = machine.finished(Machines.key(2))
        let end = machine.stepAndBegan()
        #expect(second == .start(Machines.admitted(2, Machines.bare())))
        #expect(end == .close)
    }

    @Test("Broken framing: replies first, then one error, then the rest of the input is dropped, then close")
    func brokenFraming() {
        var machine = Machines.machine()
        _ = machine.receivedAndBegan(Machines.framed(1), at: start)
        _ = machine.inputBroke(broken)
        let inputs = [machine.input]
        let waiting = machine.stepAndBegan()
        let ignored = machine.receivedAndBegan(Machines.framed(2), at: start)
        _ = machine.finished(Machines.key(1))
        let steps = [machine.stepAndBegan(), machine.stepAndBegan()]
        let dropping = machine.input
        machine.inputClosed()
        let end = machine.stepAndBegan()
        #expect(inputs == [.refuse])
        #expect(waiting == .none)
        #expect(ignored == .lost)
        #expect(steps == [.conclude(broken), .none])
        #expect(dropping == .discard)
        #expect(end == .close)
    }

    @Test("Input that ends within a frame: one error, then close")
    func truncated() {
        var machine = Machines.machine()
        _ = machine.inputBroke(broken, inputEnded: true)
        let steps = [machine.stepAndBegan(), machine.stepAndBegan()]
        #expect(steps == [.conclude(broken), .close])
    }

    @Test("A connection over the cap gets an error and is closed, whatever it sends")
    func refused() {
        let error = WireError.tooManyConnections(.all(4096))
        var machine = Machines.machine(refusal: error)
        let steps = [machine.stepAndBegan(), machine.stepAndBegan()]
        let request = machine.receivedAndBegan(Machines.framed(1), at: start)
        machine.inputClosed()
        let end = machine.stepAndBegan()
        #expect(steps == [.conclude(error), .none])
        #expect(request == .lost)
        #expect(end == .close)
        #expect(error.processed == false)
    }

    @Test("Drain of an idle connection: the notice, then refusals for what it had sent before, then close")
    func drainIdle() {
        var machine = Machines.machine()
        _ = machine.drain()
        let steps = [machine.stepAndBegan(), machine.stepAndBegan()]
        let late = machine.receivedAndBegan(Machines.framed(1), at: start)
        machine.inputClosed()
        let end = machine.stepAndBegan()
        #expect(steps == [.depart, .none])
        #expect(late == .answer(Machines.address(1), .error(.draining(processed: false))))
        #expect(end == .close)
    }

    @Test("Drain of a busy connection: new requests are refused, those in flight finished, those that wait refused")
    func drainBusy() {
        var machine = Machines.machine()
        _ = machine.receivedAndBegan(Machines.framed(1), at: start)
        _ = machine.receivedAndBegan(Machines.bare(), at: start)
        _ = machine.receivedAndBegan(Machines.bare(), at: start)
        let refused = machine.drain()
        let again = machine.drain()
        let late = machine.receivedAndBegan(Machines.framed(2), at: start)
        let unanswered = machine.receivedAndBegan(Machines.framed(nil), at: start)
        let cancel = machine.receivedCancel(of: .integer(7), replyTo: Machines.address(8))
        var steps = [machine.stepAndBegan()]
        let first = machine.finished(Machines.key(1))
        steps.append(machine.stepAndBegan())
        let second = machine.finished(Machines.key(2))
        steps += [machine.stepAndBegan(), machine.stepAndBegan(), machine.stepAndBegan()]
        let error = WireError.draining(processed: false)
        #expect(refused == [.init(subject: .waiting(Machines.bare()), address: nil, error: error)])
        #expect(again == [])
        #expect(late == .answer(Machines.address(2), .error(error)))
        #expect(unanswered == .settled(.error(error)))
        #expect(cancel.reply == .answer(Machines.address(8), .acknowledged))
        #expect(first == .deliver(Machines.address(1)))
        #expect(second == .deliver(Machines.bareAddress))
        #expect(
            steps == [
                .none, .none, .answer(Machines.bareAddress, .error(error)), .depart, .none,
            ])
    }

    @Test("Drain of a half-closed connection sends the replies and no notice")
    func drainHalfClosed() {
        var machine = Machines.machine()
        _ = machine.receivedAndBegan(Machines.framed(1), at: start)
        _ = machine.drain()
        machine.inputClosed()
        _ = machine.finished(Machines.key(1))
        let step = machine.stepAndBegan()
        #expect(step == .close)
    }

    @Test("A request that is incomplete at the drain is refused as draining")
    func drainCutsFrame() {
        var machine = Machines.machine()
        _ = machine.drain()
        _ = machine.stepAndBegan()
        _ = machine.inputBroke(broken, inputEnded: true)
        let steps = [machine.stepAndBegan(), machine.stepAndBegan()]
        #expect(steps == [.conclude(.draining(processed: false)), .close])
    }

    @Test("After the drain timeout every request is answered, begun or not")
    func drainExpired() {
        var machine = Machines.machine(inFlight: 4)
        _ = machine.receivedAndBegan(Machines.framed(1), at: start)
        _ = machine.receivedAndBegan(Machines.bare(), at: start)
        _ = machine.receivedAndBegan(Machines.framed(nil), at: start)
        let ended = machine.drainExpired()
        let steps = [machine.stepAndBegan(), machine.stepAndBegan()]
        let late = [machine.finished(Machines.key(1)), machine.finished(Machines.key(2))]
        #expect(
            ended == [
                .init(
                    subject: .waiting(Machines.framed(nil)), address: nil, error: .draining(processed: false)),
                .init(
                    subject: .begun(Machines.key(1)), address: Machines.address(1), error: .draining(processed: nil)),
                .init(
                    subject: .begun(Machines.key(2)), address: Machines.bareAddress, error: .draining(processed: nil)),
            ])
        #expect(steps == [.depart, .none])
        #expect(late == [.discard, .discard])
    }

    @Test("A peer that does not read its last replies or the notice is closed after the slow consumer timeout")
    func lastReplies() {
        var machine = Machines.machine()
        machine.inputClosed()
        let close = machine.stepAndBegan()
        let output = machine.outputChanged(unsent: 50)
        let fires = machine.slowConsumerTimerFired()
        #expect(close == .close)
        #expect(output == .none)
        #expect(fires)

        var draining = Machines.machine()
        _ = draining.drain()
        let depart = draining.step()
        let late = draining.slowConsumerTimerFired()
        #expect(depart == .depart)
        #expect(late)
    }

    @Test("After the close nothing happens, and unanswered requests are lost")
    func closed() {
        var machine = Machines.machine()
        _ = machine.receivedAndBegan(Machines.framed(1), at: start)
        _ = machine.receivedAndBegan(Machines.bare(), at: start)
        _ = machine.receivedAndBegan(Machines.bare(), at: start)
        _ = machine.receivedAndBegan(Machines.framed(2), at: start)
        _ = machine.receivedCancel(of: .integer(2), replyTo: nil)
        let lost = machine.closed()
        let again = machine.closed()
        let finished = machine.finished(Machines.key(1))
        let request = machine.receivedAndBegan(Machines.framed(2), at: start)
        let step = machine.stepAndBegan()
        let output = machine.outputChanged(unsent: 10_000)
        let fires = machine.slowConsumerTimerFired()
        // The other requests have begun, and belong to the pipeline.
        #expect(lost == [Machines.bare()])
        #expect(again == [])
        #expect(finished == .discard)
        #expect(request == .lost)
        #expect(step == .none)
        #expect(output == .none)
        #expect(!fires)
    }
}
