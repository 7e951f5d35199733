import Glibc
import JoblineBackend
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("State directory")
struct StateDirectoryTests {
    private let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test("The directory and its folders are created with private permissions")
    func made() throws {
        _ = try StateDirectory(sandbox.state)
        for part in ["buckets", "tables", "schemas", "work", "lock"] { #expect(sandbox.exists("state/\(part)")) }
        var status = stat()
        #expect(stat(sandbox.state.string, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test("Database, log, key and work are private, even if an earlier daemon created them otherwise")
    func modes() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "exit 0"])
        let names = ["jobline.sqlite", "jobline.sqlite-wal", "jobline.sqlite-shm", "page-token.key", "lock"]
        func expectPrivate() {
            for name in names + ["work"] {
                var status = stat()
                #expect(stat(bench.sandbox.state.appending(name).string, &status) == 0)
                #expect(status.st_mode & 0o077 == 0, "\(name) \(String(status.st_mode, radix: 8))")
            }
        }
        do {
            let backend = try bench.open()
            _ = try await bench.start(backend)
            expectPrivate()
        }
        for name in names { chmod(bench.sandbox.state.appending(name).string, 0o666) }
        chmod(bench.sandbox.state.appending("work").string, 0o755)
        let backend = try bench.open()
        _ = try await bench.start(backend)
        expectPrivate()
    }

    @Test("The error names a file in place of a folder", arguments: ["buckets", "tables", "schemas", "work"])
    func inTheWay(_ name: String) throws {
        try sandbox.write("", to: "state/\(name)")
        let file = #expect(throws: StateError.self) { try StateDirectory(sandbox.state) }
        #expect(file?.message == "\(sandbox.state)/\(name) is not a folder: move it away")
        try DirectoryHandle(sandbox.state).removeTree(name)
        symlink("nowhere", sandbox.state.appending(name).string)
        let link = #expect(throws: StateError.self) { try StateDirectory(sandbox.state) }
        #expect(link?.message == "\(sandbox.state)/\(name) is a symbolic link that leads nowhere")
        // The lock is free again.
        unlink(sandbox.state.appending(name).string)
        _ = try StateDirectory(sandbox.state)
    }

    @Test("A second daemon is refused with the process id of the first")
    func locked() throws {
        let first = try StateDirectory(sandbox.state)
        let error = #expect(throws: StateError.self) { try StateDirectory(sandbox.state) }
        #expect(error?.code == .inUse)
        #expect(
            error?.message == "\(first.path)/lock is locked by process \(getpid()): "
                + "stop that daemon, or give this one another state directory")
        withExtendedLifetime(first) {}
    }

    @Test("The lock is released with its owner")
    func released() throws {
        for _ in 0..<2 { _ = try StateDirectory(sandbox.state) }
    }

    @Test("The error names a path that cannot be a directory")
    func unusable() throws {
        try sandbox.write("", to: "file")
        let path = sandbox.path.appending("file").appending("state")
        let error = #expect(throws: StateError.self) { try StateDirectory(path) }
        #expect(error?.code == .directory)
        #expect(error?.message.contains(path.string) == true)
    }
}
