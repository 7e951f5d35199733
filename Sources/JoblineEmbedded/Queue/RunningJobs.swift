internal import Synchronization

/// The jobs that have an executor, each with the way to end it.
final class RunningJobs: Sendable {
    private struct State {
        var controls: [JobKey: ExecutorControl] = [:]
        var isDraining = false
        var heldUp = 0
    }

    private let state = Mutex(State())

    /// Whether no job is given to an executor any more.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// How many jobs of a family have an executor.
    func count(_ family: JobFamily) -> Int {
        state.withLock { state in state.controls.keys.count { $0.family == family } }
    }

    /// How many jobs, and lanes with what waits in them, do not go on because the store does not take their next step.
    var heldUp: Int { state.withLock(\.heldUp) }

    func holdUp() { state.withLock { $0.heldUp += 1 } }
    func letGo() { state.withLock { $0.heldUp -= 1 } }

    func add(_ key: JobKey) -> ExecutorControl {
        let control = ExecutorControl()
        let isDraining = state.withLock { state in
            state.controls[key] = control
            return state.isDraining
        }
        if isDraining { control.end(.shutdown) }
        return control
    }

    func remove(_ key: JobKey) {
        _ = state.withLock { $0.controls.removeValue(forKey: key) }
    }

    /// Stops the executor of a job, if it has one.
    func stop(_ key: JobKey) {
        state.withLock { $0.controls[key] }?.end(.stop)
    }

    /// Ends all executors, and those that are added later.
    func drain() {
        let controls = state.withLock { state in
            state.isDraining = true
            return Array(state.controls.values)
        }
        for control in controls { control.end(.shutdown) }
    }
}
