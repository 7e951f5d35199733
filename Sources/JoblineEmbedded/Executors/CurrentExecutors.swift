internal import JoblineBackend
internal import Synchronization

/// The executors that jobs are given to from now on. A job that runs keeps the one that it was given to.
final class CurrentExecutors: Sendable {
    private let executors: Mutex<[JobFamily: ExecutorConfiguration]>

    init(_ executors: [JobFamily: ExecutorConfiguration]) { self.executors = Mutex(executors) }

    var all: [JobFamily: ExecutorConfiguration] {
        get { executors.withLock { $0 } }
        set { executors.withLock { $0 = newValue } }
    }

    /// The executor of a family; nil: the family refuses to start jobs, and those that wait go on waiting.
    subscript(family: JobFamily) -> ExecutorConfiguration? { executors.withLock { $0[family] } }

    /// Returns the concurrency limit of a family; 0 without an executor.
    func concurrency(of family: JobFamily) -> Int { self[family].map { max(1, $0.concurrency) } ?? 0 }
}
