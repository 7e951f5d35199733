internal import Glibc
internal import SystemPackage

extension DirectoryHandle {
    /// Removes what has this name, with everything below it; nothing is followed out of the directory.
    func removeTree(_ name: String) throws(Errno) {
        try removeTree(raw: Array(name.utf8CString), depth: 0)
    }

    private func removeTree(raw name: [CChar], depth: Int) throws(Errno) {
        guard let entry = try entry(name) else { return }
        guard entry.kind == .directory else { return try unlink(name, 0) }
        guard depth < Self.maximumDepth else { throw .tooManySymbolicLinkLevels }
        let child = try directory(raw: name)
        for entry in try child.entries() { try child.removeTree(raw: entry.rawName, depth: depth + 1) }
        try unlink(name, AT_REMOVEDIR)
    }

    private func unlink(_ name: [CChar], _ flags: CInt) throws(Errno) {
        guard unlinkat(descriptor, name, flags) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
    }

    /// Calls `body` for what is at a path: a file itself, or everything below a directory.
    static func walk(_ path: FilePath, _ body: (_ path: String, Entry) -> Void) throws(Errno) {
        let parent = try DirectoryHandle(path.removingLastComponent())
        let name = path.lastComponent?.string ?? "."
        guard let entry = try parent.entry(Array(name.utf8CString)) else { throw .noSuchFileOrDirectory }
        guard entry.kind == .directory else { return body(name, entry) }
        let directory = try DirectoryHandle(path)
        try directory.walk(body)
    }

    /// Calls `body` for everything below the directory that is not a directory, with its path relative to it.
    func walk(_ body: (_ path: String, Entry) -> Void) throws(Errno) {
        try walk(prefix: "", depth: 0, body)
    }

    private func walk(prefix: String, depth: Int, _ body: (String, Entry) -> Void) throws(Errno) {
        guard depth < Self.maximumDepth else { throw .tooManySymbolicLinkLevels }
        for entry in try entries() {
            guard entry.kind == .directory else {
                body(prefix + entry.name, entry)
                continue
            }
            try directory(raw: entry.rawName).walk(prefix: prefix + entry.name + "/", depth: depth + 1, body)
        }
    }

    /// Waits until the files below the directory, and the names it holds, are on the disk.
    func synchroniseTree() throws(Errno) {
        try synchroniseTree(depth: 0)
    }

    private func synchroniseTree(depth: Int) throws(Errno) {
        guard depth < Self.maximumDepth else { throw .tooManySymbolicLinkLevels }
        for entry in try entries() {
            switch entry.kind {
            case .directory: try directory(raw: entry.rawName).synchroniseTree(depth: depth + 1)
            case .file:
                let file = openat(descriptor, entry.rawName, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
                guard file >= 0 else { throw Errno(rawValue: errno) }
                let outcome = fsync(file)
                let error = Errno(rawValue: errno)
                close(file)
                guard outcome == 0 else { throw error }
            case .other: break
            }
        }
        try synchronise()
    }

    /// Waits until the names in the directory are on the disk.
    func synchronise() throws(Errno) {
        guard fsync(descriptor) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Moves everything in this directory into another one of the same file system, replacing files of the same name.
    ///
    /// Done again after an interruption it goes on where it was.
    func moveContent(to target: borrowing DirectoryHandle) throws(Errno) {
        try moveContent(to: target, depth: 0)
    }

    private func moveContent(to target: borrowing DirectoryHandle, depth: Int) throws(Errno) {
        guard depth < Self.maximumDepth else { throw .tooManySymbolicLinkLevels }
        for entry in try entries() {
            if entry.kind == .directory {
                guard mkdirat(target.descriptor, entry.rawName, 0o755) == 0 || errno == EEXIST else {
                    throw Errno(rawValue: errno)
                }
                let inner = try target.directory(raw: entry.rawName)
                try directory(raw: entry.rawName).moveContent(to: inner, depth: depth + 1)
                try unlink(entry.rawName, AT_REMOVEDIR)
            } else {
                guard renameat(descriptor, entry.rawName, target.descriptor, entry.rawName) == 0 else {
                    throw Errno(rawValue: errno)
                }
            }
        }
        try target.synchronise()
    }

    /// Moves a directory in this one, whole and in one step, to another place of the same file system.
    func move(_ name: String, to target: borrowing DirectoryHandle, as newName: String) throws(Errno) {
        guard renameat(descriptor, name, target.descriptor, newName) == 0 else { throw Errno(rawValue: errno) }
        try target.synchronise()
    }
}
