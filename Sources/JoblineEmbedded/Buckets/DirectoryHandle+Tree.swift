internal import LibC
internal import SystemPackage

extension DirectoryHandle {
    /// Opens a directory below another one, one path component at a time, without following symbolic links.
    ///
    /// - Parameter creating: Whether missing directories are created.
    static func descend(
        from root: FilePath, to parts: some Sequence<String>, creating: Bool = false
    ) throws(Errno) -> DirectoryHandle {
        var directory = try DirectoryHandle(root)
        for part in parts { directory = try directory.directory(part, creating: creating) }
        return directory
    }

    /// Removes an entry and everything below it, without following symbolic links.
    ///
    /// At most ``maximumDepth`` directories are open at once: deeper directories are first moved to the top of the tree.
    /// Directories without write permission are made writable.
    func removeTree(_ name: String) throws(Errno) { try removeTree(raw: Array(name.utf8CString)) }

    func removeTree(raw name: [CChar]) throws(Errno) {
        guard let entry = try entry(name) else { return }
        guard entry.kind == .directory else { return try unlink(name, 0) }
        let top = try removable(name)
        var lifted = 0
        var before: Int
        repeat {
            before = lifted
            for entry in try top.entries() { try top.remove(entry, depth: 1, top, &lifted) }
        } while lifted > before
        try unlink(name, AT_REMOVEDIR)
    }

    private func remove(
        _ entry: Entry, depth: Int, _ top: borrowing DirectoryHandle, _ lifted: inout Int
    ) throws(Errno) {
        guard entry.kind == .directory else { return try unlink(entry.rawName, 0) }
        let child = try removable(entry.rawName)
        guard depth < Self.maximumDepth else { return try lift(entry.rawName, to: top, &lifted) }
        for entry in try child.entries() { try child.remove(entry, depth: depth + 1, top, &lifted) }
        try unlink(entry.rawName, AT_REMOVEDIR)
    }

    private func lift(_ name: [CChar], to top: borrowing DirectoryHandle, _ lifted: inout Int) throws(Errno) {
        while true {
            lifted += 1
            if renameat(descriptor, name, top.descriptor, "lifted-\(lifted)") == 0 { return }
            // The name is taken.
            guard errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR else { throw Errno(rawValue: errno) }
        }
    }

    /// Opens a directory in this one and makes it writable, so that its entries can be removed.
    private func removable(_ name: [CChar]) throws(Errno) -> DirectoryHandle {
        if let child = try openForRemoval(name) { return child }
        _ = fchmodat(descriptor, name, 0o700, AT_SYMLINK_NOFOLLOW)
        return try directory(raw: name)
    }

    /// Returns nil if the directory may not be read.
    private func openForRemoval(_ name: [CChar]) throws(Errno) -> DirectoryHandle? {
        do {
            let child = try directory(raw: name)
            // If this fails, so does the removal, whose error is reported.
            _ = fchmod(child.descriptor, 0o700)
            return child
        } catch {
            guard error == .permissionDenied else { throw error }
            return nil
        }
    }

    private func unlink(_ name: [CChar], _ flags: CInt) throws(Errno) {
        guard unlinkat(descriptor, name, flags) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
    }

    /// Calls `body` for the file at a path, or for each entry below the directory at it that is not a directory.
    ///
    /// Names reserved for unpublished output are skipped.
    static func walk(_ path: FilePath, _ body: (_ path: String, Entry) -> Void) throws(TreeError) {
        do throws(Errno) {
            let parent = try DirectoryHandle(path.removingLastComponent())
            let name = path.lastComponent?.string ?? "."
            guard let entry = try parent.inputEntry(Array(name.utf8CString)) else { throw .noSuchFileOrDirectory }
            guard entry.kind == .directory else { return body(name, entry) }
        } catch {
            throw TreeError(path: "", cause: error)
        }
        try TreeError.mapErrors(at: "") { () throws(Errno) in try DirectoryHandle(path) }.walk(body)
    }

    /// Calls `body` for each entry below the directory that is not a directory, with its relative path.
    func walk(_ body: (_ path: String, Entry) -> Void) throws(TreeError) {
        try walk(prefix: "", depth: 0, body)
    }

    private func walk(prefix: String, depth: Int, _ body: (String, Entry) -> Void) throws(TreeError) {
        guard depth < Self.maximumDepth else { throw TreeError(path: prefix, cause: .fileNameTooLong) }
        for entry in try TreeError.mapErrors(at: prefix, { () throws(Errno) in try entries() }) {
            let path = prefix + entry.name
            guard !ObjectLocation.isReserved(entry.name) else { continue }
            guard entry.kind == .directory else {
                let found = try TreeError.mapErrors(at: path) { () throws(Errno) in try inputEntry(entry.rawName) }
                if let found { body(path, found) }
                continue
            }
            try TreeError.mapErrors(at: path) { () throws(Errno) in try directory(raw: entry.rawName) }
                .walk(prefix: path + "/", depth: depth + 1, body)
        }
    }

    /// Flushes all files and directories below the directory to disk.
    func synchroniseTree() throws(Errno) {
        try synchroniseTree(depth: 0)
    }

    private func synchroniseTree(depth: Int) throws(Errno) {
        guard depth < Self.maximumDepth else { throw .fileNameTooLong }
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

    /// Flushes the directory itself to disk, but not the content of its files.
    func synchronise() throws(Errno) {
        guard fsync(descriptor) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Moves an entry of the directory atomically to another directory of the same file system.
    func move(_ name: String, to target: borrowing DirectoryHandle, as newName: String) throws(Errno) {
        guard renameat(descriptor, name, target.descriptor, newName) == 0 else { throw Errno(rawValue: errno) }
        try target.synchronise()
    }
}

/// Error of an entry of a directory tree that cannot be read.
struct TreeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Path relative to the top of the tree; empty for the top itself.
    var path: String
    var cause: Errno

    var description: String { path.isEmpty ? "\(cause)" : "\(path): \(cause)" }

    static func mapErrors<Value: ~Copyable>(
        at path: String, _ body: () throws(Errno) -> Value
    ) throws(TreeError) -> Value {
        do throws(Errno) { return try body() } catch { throw TreeError(path: path, cause: error) }
    }
}
