internal import Glibc

/// How many descriptors a process may have.
enum DescriptorLimit {
    /// As many as the system lets this process have, and the servers that it starts from now on.
    static func raise() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
