internal import CLoad
internal import Glibc

/// Assignment of processors.
enum Processors {
    private static let count = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    /// Assigns the first processor to the servers with all their threads, and another one to the calling thread, which generates
    /// the load, if there are two or more. Otherwise the kernel sometimes puts both on one processor, which distorts results.
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
