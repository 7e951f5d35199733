internal import Glibc

/// The pages of the program and its libraries that are in memory.
enum ProgramPages {
    /// How long the daemon serves before they are given back: what comes first still finds them.
    private static let delay = Duration.seconds(1)

    /// Gives back those that only the start needed, two thirds of all: what is used again comes back from the system's cache.
    static func giveBackAfterStart() async throws {
        try await Task.sleep(for: delay)
        _ = dl_iterate_phdr({ object, _, _ in giveBack(object?.pointee) }, nil)
    }

    /// Code alone: nothing has been written there that could be lost.
    private static func giveBack(_ object: dl_phdr_info?) -> CInt {
        guard let object, let headers = object.dlpi_phdr else { return 0 }
        let page = UInt(getpagesize())
        for header in UnsafeBufferPointer(start: headers, count: Int(object.dlpi_phnum)) {
            guard header.p_type == PT_LOAD, header.p_flags & UInt32(PF_X | PF_W) == PF_X else { continue }
            let start = UInt(object.dlpi_addr) + UInt(header.p_vaddr)
            let end = start + UInt(header.p_memsz)
            let first = start / page * page
            // Only advice: where it is not taken everything stays as it is.
            madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_DONTNEED)
        }
        return 0
    }
}
