internal import Foundation
internal import Glibc

/// A directory of a benchmark's own, gone afterwards.
struct Directory: Sendable {
    let path: String

    /// Makes a directory, gives it to `body`, and removes it.
    static func with<Value>(in parent: String, _ body: (Directory) async throws -> Value) async throws -> Value {
        var template = Array("\(parent)/jobline-benchmark-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw BenchmarkError("no directory can be made in \(parent): \(String(cString: strerror(errno)))")
        }
        let directory = Directory(path: String(cString: made))
        defer { try? FileManager.default.removeItem(atPath: directory.path) }
        return try await body(directory)
    }

    /// The path of something in it.
    func appending(_ name: String) -> String { path + "/" + name }

    /// A directory in it.
    func directory(_ name: String) -> Directory { Directory(path: appending(name)) }

    /// Writes a file, with the directories above it.
    ///
    /// - Returns: Its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = URL(fileURLWithPath: appending(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// The content of a file; empty where there is none.
    func read(_ name: String) -> String { (try? String(contentsOfFile: appending(name), encoding: .utf8)) ?? "" }
}
