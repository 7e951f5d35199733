import Glibc
import SystemPackage

@testable import JoblineEmbedded

/// A directory of one test, removed with this object.
final class Sandbox: Sendable {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/jobline-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    deinit {
        guard let name = path.lastComponent?.string else { return }
        try? DirectoryHandle(path.removingLastComponent()).removeTree(name)
    }

    /// State directory of the test's backend.
    var state: FilePath { path.appending("state") }

    /// Writes a file, and creates the directories above it.
    func write(_ content: String, to name: String) throws {
        try write(Array(content.utf8), to: name)
    }

    func write(_ content: [UInt8], to name: String) throws {
        var directory = path
        for part in FilePath(name).components.dropLast() {
            directory.append(part)
            mkdir(directory.string, 0o755)
        }
        let file = try FileDescriptor.open(
            path.appending(FilePath(name).components), .writeOnly, options: [.create, .truncate],
            permissions: [.ownerReadWrite, .ownerExecute])
        _ = try file.closeAfter { try file.writeAll(content) }
    }

    /// Returns the content of a file; nil if there is none.
    func read(_ name: String) -> String? {
        readBytes(name).map { String(decoding: $0, as: UTF8.self) }
    }

    func readBytes(_ name: String) -> [UInt8]? {
        guard let file = try? FileDescriptor.open(path.appending(FilePath(name).components), .readOnly) else {
            return nil
        }
        return try? file.closeAfter {
            var content: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return content }
                content += buffer.prefix(count)
            }
        }
    }

    /// Returns the names of all files below a directory.
    func files(_ name: String) throws -> [String] {
        var names: [String] = []
        try DirectoryHandle.walk(path.appending(FilePath(name).components)) { name, _ in names.append(name) }
        return names
    }

    func exists(_ name: String) -> Bool {
        access(path.appending(FilePath(name).components).string, F_OK) == 0
    }

    /// Creates a named pipe.
    func pipe(_ name: String) throws -> NamedPipe {
        let pipe = path.appending(name)
        guard mkfifo(pipe.string, 0o600) == 0 else { throw Errno(rawValue: errno) }
        return NamedPipe(path: pipe)
    }

    /// Copies a directory with its content.
    func copy(_ source: String, to target: String) throws {
        guard mkdir(path.appending(target).string, 0o755) == 0 else { throw Errno(rawValue: errno) }
        for entry in try DirectoryHandle(path.appending(FilePath(source).components)).entries() {
            let (from, to) = ("\(source)/\(entry.name)", "\(target)/\(entry.name)")
            switch entry.kind {
            case .directory: try copy(from, to: to)
            case .file: try write(readBytes(from) ?? [], to: to)
            case .other: break
            }
        }
    }
}

/// Named pipe by which a test and an executor wait for each other.
struct NamedPipe: Sendable {
    let path: FilePath

    /// Reads until every writer has closed or ended.
    func read() async throws -> String {
        try await blocking {
            let file = try FileDescriptor.open(path, .readOnly)
            return try file.closeAfter {
                var content: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                    if count == 0 { return String(decoding: content, as: UTF8.self) }
                    content += buffer.prefix(count)
                }
            }
        }
    }

    /// Writes when there is a reader.
    func write(_ text: String) async throws {
        try await blocking {
            let file = try FileDescriptor.open(path, .writeOnly)
            _ = try file.closeAfter { try file.writeAll(text.utf8) }
        }
    }
}
