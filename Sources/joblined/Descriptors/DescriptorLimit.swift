internal import Glibc

/// Limit on this process's open descriptors (RLIMIT_NOFILE).
struct DescriptorLimit: Sendable, Hashable {
    /// The limit that the process started with, which its executors get back: a program that uses select(2) breaks with descriptors
    /// from 1024 on.
    var inherited: Int
    /// The limit in force.
    var inForce: Int

    /// More than any configuration can use. Some containers have a hard limit of a billion.
    private static let most: rlim_t = 1 << 20

    /// Raises the soft limit to the hard one.
    ///
    /// - Returns: nil if the system does not tell the limit.
    static func raise() -> DescriptorLimit? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        let inherited = limit.rlim_cur
        limit.rlim_cur = max(inherited, min(limit.rlim_max, most))
        let isRaised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        return DescriptorLimit(
            inherited: Int(clamping: inherited), inForce: Int(clamping: isRaised ? limit.rlim_cur : inherited))
    }
}
