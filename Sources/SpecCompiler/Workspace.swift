internal import FoundationEssentials

/// The package on disk.
struct Workspace {
    /// Folder of the contract, relative to the root.
    static let contractFolder = "proto-spec"

    let root: String

    /// Returns the contract's files in the order of their names.
    ///
    /// - Throws: If a file cannot be read.
    func contractFiles() throws -> [SourceFile] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(Self.contractFolder)")
        return try names.filter { $0.hasSuffix(".yaml") }.sorted().map { name in
            let path = "\(Self.contractFolder)/\(name)"
            return SourceFile(path: path, contents: try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8))
        }
    }

    /// Writes changed files and removes obsolete ones.
    func write(_ files: [GeneratedFile]) throws {
        for path in try generatedPaths().subtracting(files.map(\.path)) {
            try FileManager.default.removeItem(atPath: "\(root)/\(path)")
        }
        for file in files where contents(file.path) != file.contents {
            let path = "\(root)/\(file.path)"
            let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)
            try FileManager.default.createDirectory(atPath: String(folder), withIntermediateDirectories: true)
            try file.contents.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    /// Returns the first difference of each outdated file, with the remedy.
    func differences(from files: [GeneratedFile]) throws -> [String] {
        let stale = try generatedPaths().subtracting(files.map(\.path)).sorted().map { "\($0): is obsolete" }
        let changed = files.compactMap { file -> String? in
            guard let found = contents(file.path) else { return "\(file.path): is missing" }
            guard let line = firstDifference(found, file.contents) else { return nil }
            return "\(file.path):\(line): differs from the contract"
        }
        return (stale + changed).map { "\($0); run: swift run SpecCompiler" }
    }

    /// Returns the first line, counted from 1, in which two texts differ.
    private func firstDifference(_ left: String, _ right: String) -> Int? {
        if left == right { return nil }
        let left = lines(left)
        let right = lines(right)
        return (zip(left, right).enumerated().first { $1.0 != $1.1 }?.offset ?? min(left.count, right.count)) + 1
    }

    private func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    private func contents(_ path: String) -> String? { try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) }

    /// Returns the files that the generated folders contain now.
    private func generatedPaths() throws -> Set<String> {
        var paths: Set<String> = []
        for folder in GeneratedFile.folders where FileManager.default.fileExists(atPath: "\(root)/\(folder)") {
            for name in try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")
            where name.hasSuffix(".swift") || name.hasSuffix(".json") {
                paths.insert("\(folder)/\(name)")
            }
        }
        return paths
    }
}
