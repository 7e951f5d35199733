internal import CLoad
internal import Glibc

/// Assignment of processors.
enum Processors {
    private static let count = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    /// Where there are two processors or more, gives the first to the servers, with all their threads, and another to the
    /// calling thread, which makes the load. The kernel otherwise puts both on one processor now and then, and what is measured
    /// is where they were.
    static func separate(_ servers: [ServerProcess]) throws {
        guard count > 1 else { return note("there is one processor, which the servers share with the load") }
        for thread in try servers.flatMap({ try $0.threads }) where !load_keep_thread(thread, 0) {
            throw BenchmarkError("thread \(thread) cannot be kept on the first processor")
        }
        guard load_keep_thread(0, CInt(count - 1)) else {
            throw BenchmarkError("the load cannot be kept on the last processor")
        }
    }
}
