import Glibc
import SystemPackage

@testable import JoblineEmbedded

/// A directory of one test on another file system than the sandboxes, removed with this object.
final class OtherDisk: Sendable {
    let path: FilePath

    /// Returns nil if the host has no such file system.
    init?() throws {
        var template = Array("/dev/shm/jobline-test-XXXXXX".utf8CString)
        guard Self.isThere, mkdtemp(&template) != nil else { return nil }
        path = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    deinit {
        guard let name = path.lastComponent?.string else { return }
        try? DirectoryHandle(path.removingLastComponent()).removeTree(name)
    }

    static var isThere: Bool {
        var (here, there) = (stat(), stat())
        guard stat("/tmp", &here) == 0, stat("/dev/shm", &there) == 0 else { return false }
        return here.st_dev != there.st_dev && access("/dev/shm", W_OK | X_OK) == 0
    }

    /// Returns the names of all entries.
    func names() throws -> [String] { try DirectoryHandle(path).entries().map(\.name) }

    /// Returns the paths of all files.
    func files() throws -> [String] {
        var names: [String] = []
        try DirectoryHandle.walk(path) { name, _ in names.append(name) }
        return names
    }
}
