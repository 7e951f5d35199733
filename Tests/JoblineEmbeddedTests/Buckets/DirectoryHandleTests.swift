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

    @Test("A tree without end is refused, not followed")
    func depth() throws {
        try deepen("tree", DirectoryHandle.maximumDepth + 2)
        #expect(throws: TreeError.self) { try sandbox.files("tree") }
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

    @Test("A walk names the folder that it cannot read, and leaves out what is on its way to its place")
    func walk() throws {
        try sandbox.write("x", to: "tree/a/file")
        try sandbox.write("x", to: "tree/.jobline-RxNormInference-1/file")
        try sandbox.write("x", to: "tree/a/.jobline-Matching-2/file")
        #expect(try sandbox.files("tree") == ["a/file"])
        let deep = Array(repeating: "d", count: DirectoryHandle.maximumDepth + 1).joined(separator: "/")
        try sandbox.write("x", to: "tree/b/\(deep)/file")
        let error = #expect(throws: TreeError.self) { try sandbox.files("tree") }
        #expect(error?.cause == .fileNameTooLong)
        #expect(error?.path.hasPrefix("b/d/d/") == true)
    }
}
