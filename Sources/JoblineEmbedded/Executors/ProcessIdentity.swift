internal import LibC
internal import SystemPackage

/// Identity of a process that later processes with the same pid do not share.
struct ProcessIdentity: Sendable, Hashable {
    var pid: Int32
    /// Start time in clock ticks since the boot: field 22 of `/proc/PID/stat`.
    var start: Int64
    /// Id of the boot, from `/proc/sys/kernel/random/boot_id`.
    var boot: String

    init(pid: Int32, start: Int64, boot: String) {
        self.pid = pid
        self.start = start
        self.boot = boot
    }

    /// Reads the identity of an existing process.
    init(of pid: Int32) throws(Errno) {
        guard let stat = ProcessStat(try ProcFile.read("/proc/\(pid)/stat", limit: 4096)) else {
            throw Errno.noSuchProcess
        }
        self.init(pid: pid, start: stat.start, boot: try Self.readBoot())
    }

    /// Id of the current boot; nil if it cannot be read.
    static var currentBoot: String? { try? readBoot() }

    private static func readBoot() throws(Errno) -> String {
        let bytes = try ProcFile.read("/proc/sys/kernel/random/boot_id", limit: 64)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

/// Content of `/proc/PID/stat`.
struct ProcessStat: Sendable, Hashable {
    var state: UInt8
    var group: Int32
    var session: Int32
    var start: Int64

    init?(of pid: Int32) {
        guard let bytes = try? ProcFile.read("/proc/\(pid)/stat", limit: 4096) else { return nil }
        self.init(bytes)
    }

    /// Reads `PID (NAME) STATE PPID PGRP SESSION ... STARTTIME ...`; the name may hold spaces and parentheses.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        func number<Value: FixedWidthInteger>(_ index: Int) -> Value? {
            fields.count > index ? Value(String(decoding: fields[index], as: UTF8.self)) : nil
        }
        guard let state = fields.first?.first, let group: Int32 = number(2), let session: Int32 = number(3),
            let start: Int64 = number(19)
        else { return nil }
        self.state = state
        self.group = group
        self.session = session
        self.start = start
    }

    /// Whether the process has ended and was not reaped yet.
    var hasEnded: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }
}

/// Reads files below `/proc`, which have no size before they are read.
enum ProcFile {
    static func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Errno(rawValue: errno) }
        defer { close(file) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while content.count < limit {
            let count = readDescriptor(file, &buffer)
            guard count >= 0 else { throw Errno(rawValue: errno) }
            if count == 0 { break }
            content += buffer.prefix(count)
        }
        return content
    }
}
