internal import Dispatch

/// Threads for what waits for the disk, so that it takes none from those that answer requests.
private let threads = DispatchQueue(label: "jobline.files", attributes: .concurrent)

/// Does work that waits for the disk.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        threads.async { continuation.resume(with: Result(catching: work)) }
    }
}
