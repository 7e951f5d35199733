internal import LibC
internal import SystemPackage

/// Open directory. Its operations stay in it even if directories above it are renamed.
struct DirectoryHandle: ~Copyable {
    /// Entry of a directory.
    struct Entry: Sendable, Hashable {
        enum Kind: Sendable, Hashable { case directory, file, other }

        /// Bytes of the name with the final NUL; not necessarily UTF-8.
        let rawName: [CChar]
        let kind: Kind
        /// Size of a file, in bytes.
        let size: Int64
        /// Whether the daemon may read the file; determined only by ``inputEntry(_:)``.
        var isReadable = true

        /// Name with invalid UTF-8 replaced.
        var name: String {
            String(decoding: rawName.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Maximum depth of a tree, which bounds the number of open descriptors. Deeper trees can only be removed.
    static let maximumDepth = 128

    let descriptor: CInt

    private init(descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens a directory by its path, whose last component may not be a symbolic link.
    init(_ path: FilePath) throws(Errno) {
        descriptor = open(path.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    }

    /// Opens a directory in this one without following a symbolic link.
    func directory(_ name: String, creating: Bool = false) throws(Errno) -> DirectoryHandle {
        if creating, mkdirat(descriptor, name, 0o777) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
        return try directory(raw: Array(name.utf8CString))
    }

    /// Creates a directory with access for its owner only; throws if the name exists.
    func privateDirectory(_ name: String) throws(Errno) -> DirectoryHandle {
        guard mkdirat(descriptor, name, 0o700) == 0 else { throw Errno(rawValue: errno) }
        return try directory(name)
    }

    func directory(raw name: [CChar]) throws(Errno) -> DirectoryHandle {
        let child = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard child >= 0 else { throw Errno(rawValue: errno) }
        return DirectoryHandle(descriptor: child)
    }

    /// Creates a file; throws if the name exists.
    func createFile(_ name: String) throws(Errno) -> FileDescriptor {
        let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw Errno(rawValue: errno) }
        return FileDescriptor(rawValue: file)
    }

    /// Returns the entries of the directory, sorted by name.
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

    /// Returns the entry with a name; nil if there is none.
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

    /// Returns an entry of a job's input, including whether the daemon may read it; nil if there is none.
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
