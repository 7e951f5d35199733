import JoblineProtocol
import NIOCore

@testable import Jobline

/// Drives a machine and writes down, event by event, what it wants done.
final class Transcript {
    private var machine: ClientStateMachine
    /// The time of the latest event that had one.
    private var clock = at(0)

    init(
        window: Int = 256, maximumWaiting: Int = 100, waitsForDaemon: Bool = true,
        watchTimeout: TimeAmount? = .minutes(5)
    ) {
        let configuration = ClientStateMachine.Configuration(
            socketPath: "/s", window: window, maximumWaiting: maximumWaiting, waitsForDaemon: waitsForDaemon,
            watchTimeout: watchTimeout)
        machine = ClientStateMachine(configuration: configuration, random: { 0.5 })
    }

    static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }

    func submit(_ id: Int64, deadline: Int64 = 30, now: Int64 = 0) -> [String] {
        clock = max(clock, Self.at(now))
        return show(machine.submit(id, deadline: Self.at(deadline), now: clock), id)
    }

    func watch(_ id: Int64, deadline: Int64? = nil, now: Int64 = 0) -> [String] {
        clock = max(clock, Self.at(now))
        return show(machine.submitWatch(id, deadline: deadline.map(Self.at), now: clock), id)
    }

    func watchAnswered(_ generation: Int, _ id: Int64, _ error: WireError? = nil) -> [String] {
        switch machine.watchAnswered(generation, id, error, now: clock) {
        case .finish: ["finish \(id)"]
        case .fail(let failure): ["fail \(id) \(Self.show(failure))"]
        case .none: writes()
        case .violation(let end): ["violation"] + show(end)
        }
    }

    func notified(_ generation: Int, _ id: Int64) -> [String] {
        machine.watchNotified(generation, id) ? ["notify \(id)"] : ["ignore"]
    }

    func cancelWatch(_ id: Int64) -> [String] { machine.cancelWatch(id) ? ["tell server \(id)"] : [] }

    func endWatches() -> [String] {
        let action = machine.endWatches()
        return show(action.ended) + action.tellServer.sorted().map { "tell server \($0)" }
    }

    func heard(_ generation: Int, now: Int64) {
        clock = Self.at(now)
        machine.heard(generation, now: clock)
    }

    func connected(_ generation: Int) -> [String] {
        switch machine.connected(generation, now: clock) {
        case .use: ["use \(generation)"] + writes()
        case .close: ["close \(generation)"]
        }
    }

    func connectFailed(_ generation: Int, mayPass: Bool = true) -> [String] {
        let failure = ConnectFailure(message: "nobody listens at /s", mayPass: mayPass)
        guard let action = machine.connectFailed(generation, failure) else { return ["ignore"] }
        return show(action.ended) + show(action.next)
    }

    func backOffEnded() -> [String] { machine.backOffEnded().map { ["connect \($0)"] } ?? ["rest"] }

    func answered(_ generation: Int, _ id: Int64) -> [String] {
        switch machine.answered(generation, id) {
        case .deliver(let end): ["deliver \(id)"] + show(end)
        case .ignore(let end): ["ignore"] + show(end)
        case .violation(let end): ["violation"] + show(end)
        }
    }

    func cancelled(_ id: Int64) -> [String] {
        switch machine.cancelled(id) {
        case .none: ["ignore"]
        case .fail(let failure): ["fail \(id) \(Self.show(failure))"]
        case .failAndTellServer(let failure, let end):
            ["fail \(id) \(Self.show(failure))", "tell server \(id)"] + show(end)
        }
    }

    func time(_ now: Int64) -> [String] {
        clock = Self.at(now)
        let action = machine.timeReached(now: clock)
        return show(action.ended) + action.tellServer.sorted().map { "tell server \($0)" }
            + (action.pings ? ["ping"] : []) + show(action.linkEnd)
    }

    func window(_ generation: Int, _ window: Int) -> [String] {
        machine.windowAdvertised(generation, window)
        return writes()
    }

    func writable(_ generation: Int, _ isWritable: Bool) -> [String] {
        machine.writabilityChanged(generation, isWritable)
        return writes()
    }

    func rejectedAsUnavailable(_ generation: Int) -> [String] {
        machine.rejectedAsUnavailable(generation) ? ["ping"] : []
    }
    func probed(_ generation: Int, isDraining: Bool) -> [String] {
        show(machine.probed(generation, isDraining: isDraining))
    }
    func drainNoticed(_ generation: Int) -> [String] { show(machine.drainNoticed(generation)) }
    func refused(_ generation: Int, _ error: WireError) -> [String] { show(machine.refused(generation, error)) }
    func violated(_ generation: Int) -> [String] { show(machine.violated(generation, "garbage")) }
    func lost(_ generation: Int) -> [String] { show(machine.lost(generation, cause: nil)) }
    func notWritten(_ id: Int64) -> [String] { show(machine.notWritten(id)) + writes() }
    func close() -> [String] { show(machine.closed()) }

    var earliestDeadline: Int64? { machine.earliestDeadline.map { Int64($0.uptimeNanoseconds / 1_000_000_000) } }

    /// When the machine wants to look at the clock; nil for never.
    var nextTime: Int64? { machine.nextTime.map { Int64($0.uptimeNanoseconds / 1_000_000_000) } }

    private func show(_ action: ClientStateMachine.SubmitAction, _ id: Int64) -> [String] {
        switch action {
        case .wait: writes()
        case .connect(let generation): ["connect \(generation)"]
        case .refuse(let failure): ["fail \(id) \(Self.show(failure))"]
        }
    }

    private func writes() -> [String] {
        var log: [String] = []
        while let id = machine.nextToWrite(now: clock) { log.append("write \(id)") }
        return log
    }

    private func show(_ end: ClientStateMachine.LinkEnd?) -> [String] {
        guard let end else { return writes() }
        return ["hang up"] + show(end.ended) + show(end.next)
    }

    private func show(_ ended: [ClientStateMachine.Ended]) -> [String] {
        ended.sorted { $0.id < $1.id }.map { "fail \($0.id) \(Self.show($0.failure))" }
    }

    private func show(_ next: ClientStateMachine.Next) -> [String] {
        switch next {
        case .rest: ["rest"]
        case .connect(let generation): ["connect \(generation)"]
        case .backOff(let pause): ["back off \(pause.nanoseconds / 1_000) us"]
        }
    }

    private static func show(_ failure: CallFailure) -> String {
        let kind =
            switch failure.kind {
            case .server(let error): "server \(error.code.rawValue)"
            case .refused(let error): "refused \(error.code.rawValue)"
            case let kind: "\(kind)"
            }
        return kind + (failure.written ? " sent" : " unsent")
    }
}
