internal import Foundation
internal import Glibc

/// Paths in the checkout and its build.
package enum Project {
    /// The root of the checkout.
    package static let root = String(#filePath.dropLast("/Tests/TestSupport/Project.swift".count))

    /// A program that was built together with these tests.
    package static func program(_ name: String) throws -> String {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &bytes, bytes.count - 1)
        guard count > 0 else { throw TestFailure("readlink /proc/self/exe: \(String(cString: strerror(errno)))") }
        let executable = String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = executable.lastIndex(of: "/") else { throw TestFailure("\(executable) is no path") }
        let program = executable[...slash] + name
        guard access(String(program), X_OK) == 0 else { throw TestFailure("\(program) is not built") }
        return String(program)
    }

    /// A file or folder of the checkout.
    package static func file(_ name: String) -> String { root + "/" + name }

    /// The content of a text file of the checkout.
    package static func text(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }
}
