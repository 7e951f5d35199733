internal import JoblineBackend
internal import Synchronization

/// The jobs that run, each with the control that ends its executor.
final class RunningJobs: Sendable {
    private struct State {
        var controls: [JobReference: ExecutorControl] = [:]
        /// Part of the work that is done, from 0 to 1.
        var progress: [JobReference: Double] = [:]
        /// Jobs that wait for a resource of the system.
        var exhaustedResources: [JobReference: ExhaustedResource] = [:]
        var isDraining = false
        var blockedCount = 0
    }

    private let state = Mutex(State())

    /// Whether the daemon drains: no job is claimed any more.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Number of running jobs of a family.
    func count(_ family: JobFamily) -> Int {
        state.withLock { state in state.controls.keys.count { $0.family == family } }
    }

    /// Number of jobs and family queues whose next step the store does not take.
    var blockedCount: Int { state.withLock(\.blockedCount) }

    /// Counts a job or family queue as blocked by the store.
    func markBlocked() { state.withLock { $0.blockedCount += 1 } }

    /// Reverts one ``markBlocked()``.
    func markUnblocked() { state.withLock { $0.blockedCount -= 1 } }

    /// Number of jobs that wait for each resource.
    var exhaustedResources: [ExhaustedResource: Int] {
        state.withLock { $0.exhaustedResources.values.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
    }

    /// Records the resource that a job waits for; nil: none.
    ///
    /// - Returns: True if the job starts or stops waiting.
    func setExhaustedResource(_ resource: ExhaustedResource?, of key: JobReference) -> Bool {
        state.withLock { state in
            let before = state.exhaustedResources[key]
            state.exhaustedResources[key] = resource
            return (before == nil) != (resource == nil)
        }
    }

    /// Adds a job. While the daemon drains, its executor is ended at once.
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
            state.exhaustedResources[key] = nil
        }
    }

    /// Part of a job's work that is done, from 0 to 1; nil if unknown.
    func progress(of key: JobReference) -> Double? { state.withLock { $0.progress[key] } }

    /// Records the part of a job's work that is done.
    ///
    /// - Returns: True if observers should be told: the change is at least 0.01, or the work is complete.
    func setProgress(_ progress: Double, of key: JobReference) -> Bool {
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

    /// Ends all executors, those of jobs added later included.
    func drain() {
        let controls = state.withLock { state in
            state.isDraining = true
            return Array(state.controls.values)
        }
        for control in controls { control.end(.shutdown) }
    }
}
