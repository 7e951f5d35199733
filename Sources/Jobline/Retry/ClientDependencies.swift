/// Clock and random source of a client; tests inject their own.
package struct ClientDependencies: Sendable {
    /// Monotonic time since an arbitrary fixed point.
    package var now: @Sendable () -> Duration
    /// Sleeps; throws `CancellationError` as soon as the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// 64 random bits.
    package var random: @Sendable () -> UInt64

    package init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> UInt64
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The system's monotonic clock and random number generator.
    package static let system: ClientDependencies = {
        let start = ContinuousClock.now
        return ClientDependencies(
            now: { start.duration(to: .now) },
            sleep: { try await Task.sleep(for: $0, clock: .continuous) },
            random: { UInt64.random(in: .min ... .max) })
    }()

    /// Returns a random number from 0 up to 1, with 53 random bits.
    package func fraction() -> Double { Double(random() >> 11) * 0x1p-53 }

    /// Returns a token of the pattern `[a-zA-Z0-9-]{36}`: a random UUID, version 4.
    func token() -> String {
        let high = random() & ~0xF000 | 0x4000
        let low = random() & ~(0b11 << 62) | 0b10 << 62
        let digits = [high, low].map { value in
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var token = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { token += "-" }
            token.append(digit)
        }
        return token
    }
}
