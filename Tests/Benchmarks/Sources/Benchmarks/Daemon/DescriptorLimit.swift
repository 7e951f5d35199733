internal import Glibc

/// Limit of descriptors of a process.
enum DescriptorLimit {
    /// Raises the limit to the maximum, for this process and for servers that it starts later.
    static func raise() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
