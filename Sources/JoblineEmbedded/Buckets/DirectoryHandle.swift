internal import LibC
internal import SystemPackage

/// An open directory: what is done through it stays in it, whatever is renamed meanwhile.
struct DirectoryHandle: ~Copyable {
    /// What a directory holds.
    struct Entry: Sendable, Hashable {
        enum Kind: Sendable, Hashable { case directory, file, other }

        /// The name as the system has it, with its final NUL; it need not be UTF-8.
        let rawName: [CChar]
        let kind: Kind
        /// Bytes in a file.
        let size: Int64
        /// False for a file of an input that the daemon may not read.
        var isReadable = true

        /// The name, repaired where it is not UTF-8.
        var name: String {
            String(decoding: rawName.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Directories below one another that are walked; deeper trees are refused, except to be removed, so that descriptors
    /// are bounded.
    static let maximumDepth = 128

    let descriptor: CInt

    private init(descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens a directory by its path; its last part may not be a symbolic link.
    init(_ path: FilePath) throws(Errno) {
        descriptor = open(path.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    }

    /// Opens a directory in this one; a symbolic link is refused.
    func directory(_ name: String, creating: Bool = false) throws(Errno) -> DirectoryHandle {
        if creating, mkdirat(descriptor, name, 0o777) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
        return try directory(raw: Array(name.utf8CString))
    }

    /// Makes a directory that is not there yet, and that nobody else may use.
    func privateDirectory(_ name: String) throws(Errno) -> DirectoryHandle {
        guard mkdirat(descriptor, name, 0o700) == 0 else { throw Errno(rawValue: errno) }
        return try directory(name)
    }

    func directory(raw name: [CChar]) throws(Errno) -> DirectoryHandle {
        let child = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard child >= 0 else { throw Errno(rawValue: errno) }
        return DirectoryHandle(descriptor: child)
    }

    /// Makes a file that is not there yet.
    func createFile(_ name: String) throws(Errno) -> FileDescriptor {
        let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw Errno(rawValue: errno) }
        return FileDescriptor(rawValue: file)
    }

    /// Everything in the directory, in the order of names.
    func entries() throws(Errno) -> [Entry] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw Errno(rawValue: errno) }
        guard let stream = fdopendir(copy) else {
            let error = Errno(rawValue: errno)
            close(copy)
            throw error
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw Errno(rawValue: errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                }
            }
            if Self.isDots(name) { continue }
            if let found = try self.entry(name) { entries.append(found) }
        }
        return entries.sorted { $0.rawName.lexicographicallyPrecedes($1.rawName) }
    }

    /// What has this name, or nil if nothing has.
    func entry(_ name: [CChar]) throws(Errno) -> Entry? {
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw Errno(rawValue: errno)
        }
        let kind: Entry.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .directory
            case S_IFREG: .file
            default: .other
            }
        return Entry(rawName: name, kind: kind, size: Int64(status.st_size))
    }

    /// The same of a file that a job reads.
    func inputEntry(_ name: [CChar]) throws(Errno) -> Entry? {
        guard var entry = try entry(name) else { return nil }
        if entry.kind == .file { entry.isReadable = faccessat(descriptor, name, R_OK, 0) == 0 }
        return entry
    }

    private static func isDots(_ name: [CChar]) -> Bool {
        let dot = CChar(UInt8(ascii: "."))
        return name == [dot, 0] || name == [dot, dot, 0]
    }
}
