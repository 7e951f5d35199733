internal import JoblineBackend
internal import Synchronization

/// The jobs that have an executor, each with the way to end it.
final class RunningJobs: Sendable {
    private struct State {
        var controls: [JobReference: ExecutorControl] = [:]
        /// The part of the work that is done, from 0 to 1.
        var progress: [JobReference: Double] = [:]
        /// The jobs that do not go on for want of something that the system has no more of.
        var scarcities: [JobReference: Scarcity] = [:]
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

    /// The jobs that do not go on for want of something, counted by what it is.
    var scarcities: [Scarcity: Int] {
        state.withLock { $0.scarcities.values.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
    }

    /// Takes note of what a job does not go on for want of; nil: it goes on.
    ///
    /// - Returns: True where that is news: it went on before, or did not.
    func lacks(_ scarcity: Scarcity?, _ key: JobReference) -> Bool {
        state.withLock { state in
            let before = state.scarcities[key]
            state.scarcities[key] = scarcity
            return (before == nil) != (scarcity == nil)
        }
    }

    func add(_ key: JobReference) -> ExecutorControl {
        let control = ExecutorControl()
        let isDraining = state.withLock { state in
            state.controls[key] = control
            return state.isDraining
        }
        if isDraining { control.end(.shutdown) }
        return control
    }

    func remove(_ key: JobReference) {
        state.withLock { state in
            state.controls[key] = nil
            state.progress[key] = nil
            state.scarcities[key] = nil
        }
    }

    /// The part of a job's work that is done, from 0 to 1, as far as that is known.
    func progress(of key: JobReference) -> Double? { state.withLock { $0.progress[key] } }

    /// Takes what is known of how much of a job is done.
    ///
    /// - Returns: True if that is worth telling: a hundredth more or less than was told last, or all.
    func progress(of key: JobReference, is progress: Double) -> Bool {
        state.withLock { state in
            guard state.controls[key] != nil else { return false }
            if let told = state.progress[key], abs(told - progress) < 0.01, progress < 1 || told == 1 { return false }
            state.progress[key] = progress
            return true
        }
    }

    /// Stops the executor of a job, if it has one.
    func stop(_ key: JobReference) {
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
