import Glibc
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("Open directories")
struct DirectoryHandleTests {
    private let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test("Removing a tree does not follow links out of it")
    func remove() throws {
        try sandbox.write("keep", to: "outside/keep")
        try sandbox.write("x", to: "tree/a/b/c")
        symlink(sandbox.path.appending("outside").string, sandbox.path.appending("tree").appending("link").string)
        try DirectoryHandle(sandbox.path).removeTree("tree")
        #expect(!sandbox.exists("tree"))
        #expect(sandbox.read("outside/keep") == "keep")
        try DirectoryHandle(sandbox.path).removeTree("tree")
    }

    @Test("Moving the content of a directory merges it, and goes on after an interruption")
    func move() throws {
        try sandbox.write("new", to: "from/a/one")
        try sandbox.write("two", to: "from/two")
        try sandbox.write("old", to: "to/a/one")
        try sandbox.write("other", to: "to/a/other")
        try DirectoryHandle(sandbox.path.appending("from")).moveContent(
            to: DirectoryHandle(sandbox.path.appending("to")))
        #expect(try sandbox.files("to") == ["a/one", "a/other", "two"])
        #expect(sandbox.read("to/a/one") == "new")
        #expect(try sandbox.files("from").isEmpty)
        try DirectoryHandle(sandbox.path.appending("from")).moveContent(
            to: DirectoryHandle(sandbox.path.appending("to")))
        #expect(sandbox.read("to/a/one") == "new")
    }

    @Test("A tree without end is refused, not followed")
    func depth() throws {
        try deepen("tree", DirectoryHandle.maximumDepth + 2)
        #expect(throws: Errno.fileNameTooLong) { try sandbox.files("tree") }
    }

    @Test("But it is removed, however deep it is, and whatever else has the names that this takes")
    func removeDeep() throws {
        try deepen("tree", DirectoryHandle.maximumDepth * 3)
        try deepen("tree/other", DirectoryHandle.maximumDepth * 2)
        try sandbox.write("x", to: "tree/lifted-1")
        try sandbox.write("x", to: "tree/lifted-2/file")
        try DirectoryHandle(sandbox.path).removeTree("tree")
        #expect(!sandbox.exists("tree"))
    }

    @Test("Folders that may not be read or written are removed, too", .enabled(if: geteuid() != 0))
    func removeReadOnly() throws {
        try sandbox.write("x", to: "tree/read/file")
        try sandbox.write("x", to: "tree/none/file")
        chmod(sandbox.path.appending("tree/read").string, 0o500)
        chmod(sandbox.path.appending("tree/none").string, 0)
        try DirectoryHandle(sandbox.path).removeTree("tree")
        #expect(!sandbox.exists("tree"))
    }

    private func deepen(_ name: String, _ depth: Int) throws {
        let below = Array(repeating: "d", count: depth).joined(separator: "/")
        try sandbox.write("x", to: "\(name)/\(below)/file")
    }

    @Test("What does not fit is told before anything is moved")
    func fit() throws {
        try sandbox.write("1", to: "from/a")
        try sandbox.write("2", to: "from/b/c")
        try sandbox.write("3", to: "to/b/c/d")
        let from = try DirectoryHandle(sandbox.path.appending("from"))
        let to = try DirectoryHandle(sandbox.path.appending("to"))
        #expect(throws: Errno.isDirectory) { try from.checkFit(into: to) }
        #expect(throws: Errno.notDirectory) { try to.checkFit(into: from) }
        try DirectoryHandle(sandbox.path.appending("to").appending("b")).removeTree("c")
        try from.checkFit(into: to)
    }
}
