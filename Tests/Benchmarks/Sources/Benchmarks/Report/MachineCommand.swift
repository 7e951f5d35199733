internal import ArgumentParser
internal import Foundation
internal import Glibc

/// Says what machine the numbers come from.
struct MachineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine", abstract: "Describes this machine, and how long its disk takes to keep something.")

    @OptionGroup var options: CommonOptions

    func run() async throws {
        print(
            """
            - \(Self.field("model name", of: "/proc/cpuinfo")), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, \
            \(Self.memory) GB, Linux \(Self.kernel)
            - \(fileSystem); 4 KiB are written and on disk (fdatasync) in \(Show.microseconds(try await syncTime()))
            """)
    }

    private static func field(_ name: String, of file: String) -> String {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
    }

    private static var memory: Int {
        (sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) + 500_000_000) / 1_000_000_000
    }

    private static var kernel: String {
        ((try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? "")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The type of the file system that the longest fitting mount point has.
    private var fileSystem: String {
        let mounts = ((try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? "").split(separator: "\n")
            .map { $0.split(separator: " ") }.filter { $0.count > 2 }
        let fitting = mounts.filter { mount in
            options.directory == mount[1] || options.directory.hasPrefix(mount[1] == "/" ? "/" : mount[1] + "/")
        }
        guard let mount = fitting.max(by: { $0[1].count < $1[1].count }) else { return "an unknown file system" }
        return String(mount[2])
    }

    /// The median of 200.
    private func syncTime() async throws -> UInt64 {
        try await Directory.with(in: options.directory) { directory in
            let file = open(directory.appending("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
            defer { close(file) }
            let block = [UInt8](repeating: 1, count: 4096)
            var samples = Samples()
            for number in 0..<200 {
                samples.add(
                    try Stopwatch.time {
                        guard pwrite(file, block, block.count, number * block.count) == block.count,
                            fdatasync(file) == 0
                        else { throw BenchmarkError("\(directory.path) cannot be written") }
                    })
            }
            return samples.median
        }
    }
}

/// Times of the same thing done again and again.
struct Samples {
    private var nanoseconds: [UInt64] = []

    mutating func add(_ time: UInt64) { nanoseconds.append(time) }

    /// 0 if there are none.
    var median: UInt64 { nanoseconds.median ?? 0 }

    /// 0 if there are none.
    var longest: UInt64 { nanoseconds.max() ?? 0 }
}
