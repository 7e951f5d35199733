internal import Glibc
package import JoblineProtocol

/// The system's time of day.
package enum SystemClock {
    /// The time now, to the millisecond.
    @Sendable package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// Ids out of the system's randomness.
package enum RandomID {
    /// 32 lower-case hexadecimal digits.
    @Sendable package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        let id = (0..<16).flatMap { _ -> [UInt8] in
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: id, as: UTF8.self)
    }
}

/// Writing to an executor that has ended is an error of that write, and not the end of the daemon.
enum BrokenPipes {
    static func ignore() { signal(SIGPIPE, SIG_IGN) }
}
