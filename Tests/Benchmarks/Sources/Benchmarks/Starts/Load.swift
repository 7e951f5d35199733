internal import Foundation
internal import Histogram

/// Callers that each ask one thing after the other, on a connection and a thread of their own.
struct Load {
    let seconds: Int

    /// Asks until the time is over.
    ///
    /// - Parameter groups: How many callers, and what they ask; the number differs with every request of a group.
    /// - Returns: The latencies of each group, in nanoseconds.
    func run(
        _ groups: [(callers: Int, request: @Sendable (Int) -> Request)], socket: String
    ) async throws -> [Histogram<UInt64>] {
        let end = Stopwatch.now() + UInt64(seconds) * 1_000_000_000
        return try await withThrowingTaskGroup(of: (Int, Histogram<UInt64>).self) { tasks in
            for (index, group) in groups.enumerated() {
                for caller in 0..<group.callers {
                    tasks.addTask {
                        let latencies = try await onThread {
                            try Self.ask(socket, until: end) { group.request($0 * group.callers + caller) }
                        }
                        return (index, latencies)
                    }
                }
            }
            var latencies = groups.map { _ in Self.histogram() }
            while let (index, some) = try await tasks.next() { latencies[index].add(some) }
            return latencies
        }
    }

    private static func ask(
        _ socket: String, until end: UInt64, _ request: (Int) -> Request
    ) throws -> Histogram<UInt64> {
        let connection = try Connection(to: socket)
        defer { connection.close() }
        var latencies = histogram()
        var number = 0
        while Stopwatch.now() < end {
            let request = request(number)
            latencies.record(try Stopwatch.time { try connection.ask(request) })
            number += 1
        }
        return latencies
    }

    /// Up to a minute, to three digits.
    static func histogram() -> Histogram<UInt64> { Histogram(highestTrackableValue: 60_000_000_000) }
}

/// Runs what blocks on a thread of its own.
private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
