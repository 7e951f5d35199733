internal import AllocationCounter
internal import Glibc

/// One thing that is measured.
struct Step {
    let name: String
    /// Number of repetitions in `body`.
    var times = 1
    let body: () throws -> Void
}

/// Cost of one repetition.
struct Measurement {
    /// Requests for memory.
    let allocations: Double
    let nanoseconds: Int
}

extension Step {
    /// - Parameter thousands: How often it is done, times 1,000, after it was done for a while.
    func measure(thousands: Int) throws -> Measurement {
        let rounds = max(thousands * 1000 / times, 1)
        for _ in 0..<(rounds / 4 + 1) { try body() }
        let before = (allocation_count(), Self.now())
        for _ in 0..<rounds { try body() }
        let after = (allocation_count(), Self.now())
        let done = Double(rounds * times)
        return Measurement(
            allocations: Double(after.0 - before.0) / done,
            nanoseconds: Int(Double(after.1 - before.1) / done))
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Keeps what was computed from being left out as unused.
@inline(never) func use<Value>(_ value: borrowing Value) {}
