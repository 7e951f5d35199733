internal import Foundation

/// Runs things that block all at once, each on a thread of its own.
///
/// - Returns: What each of them returned.
func together<Value: Sendable>(_ bodies: [@Sendable () throws -> Value]) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        for (index, body) in bodies.enumerated() {
            group.addTask { (index, try await onThread(body)) }
        }
        var values: [Int: Value] = [:]
        for try await (index, value) in group { values[index] = value }
        return bodies.indices.compactMap { values[$0] }
    }
}

private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
