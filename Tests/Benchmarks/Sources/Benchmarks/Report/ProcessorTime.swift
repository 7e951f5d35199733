internal import Glibc

/// Processor time of processes, as counted by the kernel.
enum ProcessorTime {
    /// User and system time of a process, with those of its children left out; zero if it is gone.
    static func of(_ process: pid_t) -> Duration {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return .zero }
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
