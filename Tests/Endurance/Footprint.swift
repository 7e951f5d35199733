internal import Glibc
internal import Jobline
internal import TestSupport

/// Memory and descriptors of client and daemon at rest.
struct Footprint {
    struct Share {
        let descriptors: Int
        let sockets: Int
        let bytes: Int

        init(of process: Int32) throws {
            descriptors = try ProcessTable.descriptors(of: process)
            sockets = try ProcessTable.sockets(of: process)
            bytes = try ProcessTable.residentBytes(of: process)
        }
    }

    let client: Share
    let daemon: Share
    /// Number of the daemon.
    let pid: Int32

    /// Looks at both processes, until they hold no more sockets than before, or for five seconds.
    static func measure(
        _ client: JoblineClient, _ supervisor: Supervisor, until before: Footprint? = nil
    ) async throws -> Footprint {
        // Connection of a client in use.
        _ = try await client.ping()
        let daemon = try await supervisor.ready()
        for _ in 0..<500 {
            let now = try Footprint(client: Share(of: getpid()), daemon: Share(of: daemon.pid), pid: daemon.pid)
            guard let before,
                now.client.descriptors > before.client.descriptors || now.daemon.sockets > before.daemon.sockets
            else { return now }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try Footprint(client: Share(of: getpid()), daemon: Share(of: daemon.pid), pid: daemon.pid)
    }
}
