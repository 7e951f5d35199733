internal import Dispatch

/// Performs blocking disk work on a thread of its own, so that it blocks no thread that serves requests.
///
/// Each call has its own dispatch queue: a shared concurrent queue gets only one new thread a second when its threads block.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "jobline.files").async { continuation.resume(with: Result(catching: work)) }
    }
}
