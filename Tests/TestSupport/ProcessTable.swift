internal import Glibc
internal import SystemPackage

/// Reads other processes from /proc.
package enum ProcessTable {
    /// True while the process runs; false once it has ended, also where nobody has taken note of that yet.
    package static func isRunning(_ identifier: Int32) -> Bool {
        // "PID (NAME) STATE …"; NAME can contain any character.
        guard let text = try? read("/proc/\(identifier)/stat"), let end = text.lastIndex(of: ")") else { return false }
        let state = text[end...].dropFirst(2).first
        return state != "Z" && state != "X"
    }

    /// Variables that the process was started with, as `NAME=value`; empty if it has ended.
    package static func environment(of identifier: Int32) -> [Substring] {
        ((try? read("/proc/\(identifier)/environ")) ?? "").split(separator: "\0")
    }

    /// The name of the program, cut to 15 characters by the kernel.
    package static func command(_ identifier: Int32) throws -> String {
        String(try read("/proc/\(identifier)/comm").dropLast())
    }

    /// Number of open sockets of a process.
    package static func sockets(of identifier: Int32) throws -> Int {
        try descriptors(of: identifier) { $0 == S_IFSOCK }
    }

    /// Number of open descriptors of a process.
    package static func descriptors(of identifier: Int32) throws -> Int {
        try descriptors(of: identifier) { _ in true }
    }

    private static func descriptors(of identifier: Int32, where isCounted: (mode_t) -> Bool) throws -> Int {
        guard let folder = opendir("/proc/\(identifier)/fd") else { throw TestFailure("process \(identifier) is gone") }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            guard !name.hasPrefix("."), fstatat(dirfd(folder), name, &status, 0) == 0 else { continue }
            if isCounted(status.st_mode & S_IFMT) { count += 1 }
        }
        return count
    }

    /// True if the main thread of the process holds a signal back until something takes it; false while it waits for one.
    package static func holdsBack(_ signal: Int32, _ identifier: Int32) throws -> Bool {
        guard let mask = UInt64(try status("SigBlk", of: identifier), radix: 16) else {
            throw TestFailure("the kernel does not tell the signals of process \(identifier)")
        }
        return mask & 1 << UInt64(signal - 1) != 0
    }

    /// Returns the number of threads of a process.
    package static func threads(of identifier: Int32) throws -> Int {
        Int(try status("Threads", of: identifier)) ?? 0
    }

    private static func status(_ field: String, of identifier: Int32) throws -> Substring {
        let lines = try read("/proc/\(identifier)/status").split(separator: "\n")
        return lines.first { $0.hasPrefix(field + ":") }?.split(whereSeparator: \.isWhitespace).last ?? ""
    }

    /// The processes that the main thread of a process has made and that were not taken note of yet.
    package static func children(of identifier: Int32) throws -> [Int32] {
        try read("/proc/\(identifier)/task/\(identifier)/children").split(separator: " ").compactMap { Int32($0) }
    }

    /// Memory of the process that is not on disk as well, in bytes.
    package static func residentBytes(of identifier: Int32) throws -> Int {
        let line = try read("/proc/\(identifier)/status").split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        guard let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            throw TestFailure("the kernel does not tell the memory of process \(identifier)")
        }
        return kibibytes << 10
    }

    private static func read(_ path: String) throws -> String {
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        return try file.closeAfter {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
            return String(decoding: bytes[..<count], as: UTF8.self)
        }
    }
}
