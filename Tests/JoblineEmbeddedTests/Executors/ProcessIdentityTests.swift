import Glibc
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("Identities of processes")
struct ProcessIdentityTests {
    @Test("A name with spaces and parentheses is no trap")
    func stat() {
        let line = "4242 (a) S 1 (b)) R 1 17 18 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 2 3\n"
        let stat = ProcessStat(Array(line.utf8))
        #expect(stat?.group == 17 && stat?.session == 18 && stat?.start == 987_654)
        #expect(stat?.hasEnded == false)
        #expect(ProcessStat(Array("4242 (a) R 1".utf8)) == nil)
        #expect(ProcessStat([]) == nil)
    }

    @Test("This process has one, and a pid that is not in use has none")
    func identity() throws {
        let identity = try ProcessIdentity(of: getpid())
        #expect(try identity == ProcessIdentity(of: getpid()))
        #expect(identity.start > 0 && !identity.boot.isEmpty)
        #expect(throws: Errno.noSuchFileOrDirectory) { try ProcessIdentity(of: .max) }
    }

    @Test("A recycled pid is nobody's executor")
    func recycled() throws {
        // This process leads no executor's session, and has another start time.
        var identity = try ProcessIdentity(of: getpid())
        identity.start -= 1
        #expect(OrphanedExecutor(identity: identity, output: "/no such job").members().isEmpty)
    }

    @Test("Nothing is left of a boot before")
    func otherBoot() async throws {
        var identity = try ProcessIdentity(of: getpid())
        identity.boot = "another"
        #expect(await OrphanedExecutor(identity: identity, output: "/any").end(grace: .zero))
    }
}
