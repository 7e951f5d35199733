internal import JoblineBackend
internal import Synchronization

/// Executors of jobs that start from now on. Running jobs keep their executor.
final class CurrentExecutors: Sendable {
    private let executors: Mutex<[JobFamily: ExecutorConfiguration]>

    init(_ executors: [JobFamily: ExecutorConfiguration]) { self.executors = Mutex(executors) }

    var all: [JobFamily: ExecutorConfiguration] {
        get { executors.withLock { $0 } }
        set { executors.withLock { $0 = newValue } }
    }

    /// Executor of a family; nil: the family refuses new jobs, and waiting jobs keep waiting.
    subscript(family: JobFamily) -> ExecutorConfiguration? { executors.withLock { $0[family] } }

    /// Returns the concurrency limit of a family; 0 without an executor.
    func concurrency(of family: JobFamily) -> Int { self[family].map { max(1, $0.concurrency) } ?? 0 }
}
