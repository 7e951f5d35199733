internal import Glibc

/// Limit of open descriptors of this process (RLIMIT_NOFILE).
struct DescriptorLimit: Sendable, Hashable {
    /// Limit at the start of the process. Executors get it back, because programs with select(2) fail for descriptors
    /// of 1024 and more.
    var inherited: Int
    /// Current limit.
    var current: Int

    /// Upper bound, more than any configuration needs; some containers have a hard limit of a billion.
    private static let maximum: rlim_t = 1 << 20

    /// Raises the soft limit to the hard limit.
    ///
    /// - Returns: nil if the limit cannot be read.
    static func raise() -> DescriptorLimit? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        let inherited = limit.rlim_cur
        limit.rlim_cur = max(inherited, min(limit.rlim_max, maximum))
        let isRaised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        return DescriptorLimit(
            inherited: Int(clamping: inherited), current: Int(clamping: isRaised ? limit.rlim_cur : inherited))
    }
}
