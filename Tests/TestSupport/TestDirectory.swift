internal import Foundation
internal import Glibc

/// A directory of a test's own, with a path short enough for a socket; gone afterwards.
package struct TestDirectory: Sendable {
    package let path: String

    /// Makes a directory, gives it to `body`, and removes it.
    @discardableResult
    package static func with<Value>(_ body: (TestDirectory) async throws -> Value) async throws -> Value {
        var template = Array("/tmp/jobline-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw TestFailure("mkdtemp: \(String(cString: strerror(errno)))") }
        let directory = TestDirectory(path: String(cString: made))
        defer { try? FileManager.default.removeItem(atPath: directory.path) }
        return try await body(directory)
    }

    /// The path of something in it.
    package func appending(_ name: String) -> String { path + "/" + name }

    /// Writes a file, with the directories above it.
    ///
    /// - Returns: Its path.
    @discardableResult
    package func write(_ text: String, to name: String, mode: Int = 0o644) throws -> String {
        let file = appending(name)
        let parent = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    /// Copies a file or folder into it.
    package func copy(_ source: String, to name: String) throws {
        let target = appending(name)
        let parent = (target as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: source, toPath: target)
    }

    package func read(_ name: String) throws -> String {
        try String(contentsOfFile: appending(name), encoding: .utf8)
    }

    /// The names in a folder, sorted; empty where there is no such folder.
    package func list(_ name: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: appending(name))) ?? []).sorted()
    }
}

/// A failure of the scenery, not of what is tested.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
