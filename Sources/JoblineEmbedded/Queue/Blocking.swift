internal import Dispatch

/// Does work that waits for the disk on a thread of its own, so that it takes none from those that answer requests.
///
/// A queue for each call, because a shared concurrent one gets its threads one a second once a few of them wait.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "jobline.files").async { continuation.resume(with: Result(catching: work)) }
    }
}
