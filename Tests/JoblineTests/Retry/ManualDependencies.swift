import Synchronization

@testable import Jobline

/// Time that moves only when a call pauses, and chance that is written down.
final class ManualDependencies: Sendable {
    private struct State {
        var now = Duration.zero
        var pauses: [Duration] = []
        var random: [UInt64]
    }

    private let state: Mutex<State>

    /// - Parameter fractions: What chance gives, from 0 up to 1, over and over.
    init(fractions: [Double] = [0.5]) {
        state = Mutex(State(random: fractions.map { UInt64($0 * 0x1p53) << 11 }))
    }

    /// The pauses made so far.
    var pauses: [Duration] { state.withLock { $0.pauses } }

    func advance(by duration: Duration) { state.withLock { $0.now += duration } }

    var dependencies: ClientDependencies {
        ClientDependencies(
            now: { self.state.withLock { $0.now } },
            sleep: { pause in
                try Task.checkCancellation()
                self.state.withLock { state in
                    state.now += pause
                    state.pauses.append(pause)
                }
            },
            random: {
                self.state.withLock { state in
                    let value = state.random.removeFirst()
                    state.random.append(value)
                    return value
                }
            })
    }
}
