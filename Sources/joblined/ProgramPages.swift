internal import Glibc

/// The pages of the program and its libraries that are in memory.
enum ProgramPages {
    /// Time that the daemon serves before the pages are given back, so that the first requests still find them.
    private static let delay = Duration.seconds(1)

    /// Gives back those that only the start needed, two thirds of all: what is used again comes back from the system's cache.
    static func giveBackAfterStart() async throws {
        try await Task.sleep(for: delay)
        guard let maps = fopen("/proc/self/maps", "re") else { return }
        defer { fclose(maps) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, maps) > 0, let line { giveBack(mapping: String(cString: line)) }
    }

    /// Code alone, which nobody can have written to.
    ///
    /// - Parameter mapping: As proc_pid_maps(5) has it: `START-END r-xp OFFSET DEVICE INODE FILE`.
    private static func giveBack(mapping: String) {
        let fields = mapping.split(separator: " ")
        guard fields.count > 5, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return }
        let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard bounds.count == 2, bounds[0] < bounds[1] else { return }
        // Only advice: where it is not taken everything stays as it is.
        madvise(UnsafeMutableRawPointer(bitPattern: bounds[0]), Int(bounds[1] - bounds[0]), MADV_DONTNEED)
    }
}
