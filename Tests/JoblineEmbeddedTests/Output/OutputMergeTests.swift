import Glibc
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("Merging an output into a folder of others")
struct OutputMergeTests {
    private let sandbox: Sandbox
    private let merge = OutputMerge(reserved: ".jobline-BatchSegment-june")

    init() throws { sandbox = try Sandbox() }

    private func folder(_ name: String) throws -> DirectoryHandle { try DirectoryHandle(sandbox.path.appending(name)) }

    private func run() throws {
        try merge.prepare(folder("from"), folder("to"), uri: "s3://to")
        try merge.move(folder("from"), to: folder("to"))
    }

    @Test("A merge replaces files, keeps others, and continues after an interruption")
    func move() throws {
        try sandbox.write("new", to: "from/a/one")
        try sandbox.write("two", to: "from/two")
        try sandbox.write("old", to: "to/a/one")
        try sandbox.write("other", to: "to/a/other")
        // An incomplete copy and a complete one.
        try sandbox.write("ha", to: "to/a/.jobline-BatchSegment-june/one")
        try sandbox.write("two", to: "to/.jobline-BatchSegment-june/two")
        for _ in 0..<2 {
            try run()
            #expect(try sandbox.files("to") == ["a/one", "a/other", "two"])
            #expect(sandbox.read("to/a/one") == "new")
            #expect(try sandbox.files("from").isEmpty)
        }
        for place in ["to", "to/a"] { #expect(!sandbox.exists("\(place)/.jobline-BatchSegment-june")) }
    }

    @Test("Obstacles are reported before anything is moved")
    func conflicts() throws {
        try sandbox.write("1", to: "from/a")
        try sandbox.write("2", to: "from/b/c")
        try sandbox.write("3", to: "to/b/c/d")
        let folder = #expect(throws: PathError.self) { try run() }
        #expect(folder?.message == "s3://to/b/c is in the way: it is a folder")
        try DirectoryHandle(sandbox.path.appending("to").appending("b")).removeTree("c")
        try DirectoryHandle(sandbox.path.appending("to")).removeTree("b")
        try sandbox.write("4", to: "to/b")
        let file = #expect(throws: PathError.self) { try run() }
        #expect(file?.message == "s3://to/b is in the way: it is not a folder")
        #expect(try sandbox.files("to") == ["b"])
        #expect(try sandbox.files("from") == ["a", "b/c"])
    }

    @Test(
        "Files for another file system are copied with their modes, and removed after a failure",
        .enabled(if: OtherDisk.isThere))
    func otherDisk() throws {
        let disk = try #require(try OtherDisk())
        try sandbox.write("new", to: "from/a/one")
        try sandbox.write("top", to: "from/top")
        chmod(sandbox.path.appending("from/a/one").string, 0o640)
        chmod(sandbox.path.appending("from/a").string, 0o750)
        let target = try DirectoryHandle(disk.path)
        try merge.prepare(folder("from"), target, uri: "s3://to")
        // Nothing is published unless everything can be.
        #expect(try disk.names() == [merge.reserved])
        merge.discard(try folder("from"), target)
        #expect(try disk.names().isEmpty)
        try merge.prepare(folder("from"), target, uri: "s3://to")
        try merge.move(folder("from"), to: target)
        #expect(try disk.names() == ["a", "top"])
        var status = stat()
        #expect(stat(disk.path.appending("a/one").string, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o640)
    }

    @Test("The group of a shared folder can change and remove merged files", .enabled(if: geteuid() == 0))
    func shared() throws {
        let group: gid_t = 54321
        try sandbox.write("one", to: "from/a/one")
        try sandbox.write("top", to: "from/top")
        for name in ["from/a/one", "from/top"] { chmod(sandbox.path.appending(name).string, 0o600) }
        mkdir(sandbox.path.appending("to").string, 0o777)
        chown(sandbox.path.appending("to").string, uid_t.max, group)
        chmod(sandbox.path.appending("to").string, 0o2770)
        try run()
        for (name, mode) in [("to/a", 0o2770), ("to/a/one", 0o660), ("to/top", 0o660)] as [(String, mode_t)] {
            var status = stat()
            #expect(stat(sandbox.path.appending(name).string, &status) == 0)
            #expect(status.st_gid == group, "\(name)")
            #expect(status.st_mode & mode == mode, "\(name) \(String(status.st_mode, radix: 8))")
        }
    }
}
