import JoblineBackend
import JoblineProtocol
import NIOCore
import Synchronization

@testable import JoblineServer

/// Jobs whose states the test sets, and whose reads it counts and can hold up.
final class ScriptedJobs: JobSource {
    private struct State {
        var snapshots: [JobReference: JobSnapshot] = [:]
        var observers: [@Sendable (JobReference) -> Void] = []
        var reads: [Int] = []
        var failure: (any Error)?
    }

    private let state = Mutex(State())
    /// Reads pass the gate `read` if there are gates; what they read is what is there when they have passed.
    let gates: Gates?

    init(gates: Gates? = nil) { self.gates = gates }

    static func job(_ id: String) -> JobReference { JobReference(.rxNormInference, id) }

    /// Number of jobs of each read.
    var reads: [Int] { state.withLock(\.reads) }

    /// Puts a job into a state and tells so.
    func set(
        _ id: String, _ jobState: Sidecar.JobState, progress: Double? = nil, padding: Int = 0, tells: Bool = true
    ) {
        let text = "{\"JobId\":\"\(id)\",\"x\":\"\(String(repeating: "x", count: padding))\"}"
        let job = JSONDocument(compact: ByteBuffer(string: text))
        let observers = state.withLock { state in
            state.snapshots[Self.job(id)] = JobSnapshot(state: jobState, progress: progress, job: job)
            return state.observers
        }
        if tells { tell(id, observers) }
    }

    func remove(_ id: String) {
        let observers = state.withLock { state in
            state.snapshots[Self.job(id)] = nil
            return state.observers
        }
        tell(id, observers)
    }

    /// Makes every later read fail.
    func fail(with error: any Error) { state.withLock { $0.failure = error } }

    private func tell(_ id: String, _ observers: [@Sendable (JobReference) -> Void]) {
        for observer in observers { observer(Self.job(id)) }
    }

    func snapshots(of jobs: [JobReference]) async throws -> [JobSnapshot] {
        let found = try state.withLock { state in
            state.reads.append(jobs.count)
            if let failure = state.failure { throw failure }
            return jobs.map { state.snapshots[$0] ?? .gone }
        }
        try await gates?.pass("read")
        return found
    }

    func observe(_ observer: @escaping @Sendable (JobReference) -> Void) {
        state.withLock { $0.observers.append(observer) }
    }
}
