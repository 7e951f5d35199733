import FoundationEssentials
import Testing

@testable import SpecCompiler

@Suite("Workspace")
struct WorkspaceTests {
    private let files = [
        GeneratedFile(path: "Sources/Jobline/Generated/A.swift", contents: "one\ntwo\n"),
        GeneratedFile(path: "Sources/JoblineServer/Generated/Deep/B.swift", contents: "three\n"),
    ]

    private func withWorkspace(_ body: (Workspace) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.path + "/spec-compiler-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root + "/proto-spec", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try body(Workspace(root: root))
    }

    @Test("Written files have no differences")
    func write() throws {
        try withWorkspace { workspace in
            #expect(
                try workspace.differences(from: files) == [
                    "Sources/Jobline/Generated/A.swift: is missing; run: swift run SpecCompiler",
                    "Sources/JoblineServer/Generated/Deep/B.swift: is missing; run: swift run SpecCompiler",
                ])
            try workspace.write(files)
            #expect(try workspace.differences(from: files) == [])
        }
    }

    @Test("A difference is reported with its first line")
    func changed() throws {
        try withWorkspace { workspace in
            try workspace.write(files)
            let later = [GeneratedFile(path: files[0].path, contents: "one\nTWO\n"), files[1]]
            #expect(
                try workspace.differences(from: later) == [
                    "Sources/Jobline/Generated/A.swift:2: differs from the contract; run: swift run SpecCompiler"
                ])
            let longer = [files[0], GeneratedFile(path: files[1].path, contents: "three\nfour\n")]
            #expect(try workspace.differences(from: longer).first?.contains("B.swift:2:") == true)
        }
    }

    @Test("Only obsolete files in generated folders are removed")
    func stale() throws {
        try withWorkspace { workspace in
            try workspace.write(files)
            let neighbour = workspace.root + "/Sources/Jobline/Kept.swift"
            try "kept".write(toFile: neighbour, atomically: true, encoding: .utf8)
            #expect(
                try workspace.differences(from: [files[0]]) == [
                    "Sources/JoblineServer/Generated/Deep/B.swift: is obsolete; run: swift run SpecCompiler"
                ])
            try workspace.write([files[0]])
            #expect(try workspace.differences(from: [files[0]]) == [])
            #expect(FileManager.default.fileExists(atPath: neighbour))
        }
    }

    @Test("Only YAML files are read, in the order of their names")
    func contract() throws {
        try withWorkspace { workspace in
            for name in ["b.yaml", "a.yaml", "README.md"] {
                try name.write(toFile: "\(workspace.root)/proto-spec/\(name)", atomically: true, encoding: .utf8)
            }
            #expect(
                try workspace.contractFiles() == [
                    SourceFile(path: "proto-spec/a.yaml", contents: "a.yaml"),
                    SourceFile(path: "proto-spec/b.yaml", contents: "b.yaml"),
                ])
        }
    }
}
