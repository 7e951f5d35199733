import Glibc
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("The state directory")
struct StateDirectoryTests {
    private let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test("It is made with its parts, closed to others")
    func made() throws {
        _ = try StateDirectory(sandbox.state)
        for part in ["buckets", "tables", "schemas", "work", "lock"] { #expect(sandbox.exists("state/\(part)")) }
        var status = stat()
        #expect(stat(sandbox.state.string, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test("A second daemon is refused, and told which process holds the directory")
    func locked() throws {
        let first = try StateDirectory(sandbox.state)
        let error = #expect(throws: StateError.self) { try StateDirectory(sandbox.state) }
        #expect(error?.code == .inUse)
        #expect(error?.message == "\(first.path)/lock is locked by process \(getpid()): "
            + "stop that daemon, or give this one another state directory")
        withExtendedLifetime(first) {}
    }

    @Test("The directory is free again once its holder is gone")
    func released() throws {
        for _ in 0..<2 { _ = try StateDirectory(sandbox.state) }
    }

    @Test("A path that cannot be a directory is named")
    func unusable() throws {
        try sandbox.write("", to: "file")
        let path = sandbox.path.appending("file").appending("state")
        let error = #expect(throws: StateError.self) { try StateDirectory(path) }
        #expect(error?.code == .directory)
        #expect(error?.message.contains(path.string) == true)
    }
}
