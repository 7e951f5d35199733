internal import LibC
package import JoblineProtocol

/// The system's time of day.
package enum SystemClock {
    /// The time now.
    @Sendable package static func now() -> Timestamp { .now }

    /// Lets a second pass: the disk that was full is seldom free again sooner.
    @Sendable package static func pause() async throws { try await Task.sleep(for: .seconds(1)) }

    /// The longest sleep at a stretch. One that is cancelled stays in memory until it would have ended, and of each job some
    /// are: with time limits of hours they would add up.
    static let nap = Duration.seconds(10)

    /// Lets the calling thread sleep, for less than a second.
    @Sendable static func holdThread(for duration: Duration) {
        var time = timespec(tv_sec: 0, tv_nsec: Int(duration.nanoseconds))
        // A signal ends it early, which does no harm.
        nanosleep(&time, nil)
    }

    /// Passes time that may be long and is mostly cancelled.
    static func sleep(for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        while case let rest = ContinuousClock.now.duration(to: end), rest > .zero {
            try await Task.sleep(for: min(rest, nap))
        }
    }
}

/// Ids of the time and of the system's randomness.
package enum JobID {
    /// 32 lower-case hexadecimal digits: 16 of the nanoseconds since 1970, and 16 at random.
    ///
    /// New ids are greater than older ones, so that the jobs of one commit lie together in an index of ids.
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

/// Writing to an executor that has ended is an error of that write, and not the end of the daemon.
enum BrokenPipes {
    static func ignore() { signal(SIGPIPE, SIG_IGN) }
}
