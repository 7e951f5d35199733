internal import Foundation
internal import Glibc

/// For how long processes have had a processor, as the kernel counts it: in ticks, mostly of 10 ms.
enum ProcessorTime {
    /// User and system time of a process, with those of children that it has waited for left out; zero if it is gone.
    static func of(_ process: pid_t) -> Duration {
        // "PID (NAME) STATE ...", where NAME may hold anything; then the user time is the 12th and the system time the 13th.
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return .zero }
        let fields = text[end...].split(separator: " ").dropFirst()
        let ticks = fields.dropFirst(11).prefix(2).compactMap { Int($0) }.reduce(0, +)
        return .milliseconds(ticks * 1000 / sysconf(Int32(_SC_CLK_TCK)))
    }
}
