internal import Glibc
internal import Jobline
internal import TestSupport

/// What the client's process and the daemon hold while nothing goes on.
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
    /// Which daemon.
    let pid: Int32

    /// Looks at both processes, until they hold no more sockets than before, or for five seconds.
    static func measure(
        _ client: JoblineClient, _ supervisor: Supervisor, until before: Footprint? = nil
    ) async throws -> Footprint {
        // The connection that there is when a client is in use.
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
