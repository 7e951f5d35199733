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
        try DirectoryHandle(sandbox.path.appending("from")).moveContent(to: DirectoryHandle(sandbox.path.appending("to")))
        #expect(try sandbox.files("to") == ["a/one", "a/other", "two"])
        #expect(sandbox.read("to/a/one") == "new")
        #expect(try sandbox.files("from").isEmpty)
        try DirectoryHandle(sandbox.path.appending("from")).moveContent(to: DirectoryHandle(sandbox.path.appending("to")))
        #expect(sandbox.read("to/a/one") == "new")
    }

    @Test("A tree without end is refused, not followed")
    func depth() throws {
        let name = Array(repeating: "d", count: DirectoryHandle.maximumDepth + 2).joined(separator: "/")
        try sandbox.write("x", to: "tree/\(name)/file")
        #expect(throws: Errno.self) { try sandbox.files("tree") }
    }
}
