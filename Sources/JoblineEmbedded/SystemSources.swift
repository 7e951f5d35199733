internal import LibC
package import JoblineProtocol

/// The system's time of day.
package enum SystemClock {
    /// Returns the current time.
    @Sendable package static func now() -> Timestamp { .now }

    /// Waits 1 s before the next attempt of a failed write.
    @Sendable package static func pause() async throws { try await Task.sleep(for: .seconds(1)) }

    /// Maximum duration of one sleep. A cancelled sleep stays in memory until its end: with timeouts of hours, those of all jobs
    /// would add up.
    static let maximumSleep = Duration.seconds(10)

    /// Blocks the calling thread for less than 1 s.
    @Sendable static func holdThread(for duration: Duration) {
        var time = timespec(tv_sec: 0, tv_nsec: Int(duration.nanoseconds))
        // A signal ends the sleep early, which is harmless.
        nanosleep(&time, nil)
    }

    /// Sleeps for a time that may be long and is mostly cancelled.
    static func sleep(for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        while case let rest = ContinuousClock.now.duration(to: end), rest > .zero {
            try await Task.sleep(for: min(rest, maximumSleep))
        }
    }
}

/// Job ids of the current time and random bits.
package enum JobID {
    /// Makes an id of 32 lower-case hexadecimal digits: 16 of the nanoseconds since 1970 and 16 random ones.
    ///
    /// Ids increase, so that the jobs of one commit are adjacent in the index of ids.
    @Sendable package static func make() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let nanoseconds = time.tv_sec &* 1_000_000_000 &+ time.tv_nsec
        let words = [UInt64(bitPattern: Int64(nanoseconds)), UInt64.random(in: .min ... .max)]
        return String(unsafeUninitializedCapacity: 32) { digits in
            for place in 0..<32 {
                let digit = UInt8(truncatingIfNeeded: words[place / 16] >> UInt64(60 - place % 16 * 4)) & 15
                digits[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 32
        }
    }
}

/// Signal of writes to a closed pipe: such a write fails with an error instead of ending the daemon.
enum BrokenPipes {
    static func ignore() { signal(SIGPIPE, SIG_IGN) }
}
