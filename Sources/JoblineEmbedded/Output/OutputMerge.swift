internal import LibC
internal import SystemPackage

/// Moves what is below one directory into another that others use too, replacing files of the same name.
///
/// All that can fail is tried before anything is moved: the kinds of what meets, the right to write, and whether a rename
/// reaches the place. What goes to another file system is first copied to its own, beside its place and under a reserved name.
/// Done again after an interruption, both steps go on where they were.
struct OutputMerge {
    /// The name of a copy; no other job's is the same.
    let reserved: String

    /// Tries the way of everything, and copies what cannot be renamed to its place.
    ///
    /// - Parameter uri: What callers call `target`.
    /// - Throws: What is in the way; nothing was published then, and ``discard(_:_:)`` removes the copies.
    func prepare(
        _ source: borrowing DirectoryHandle, _ target: borrowing DirectoryHandle, uri: String
    ) throws(PathError) {
        try prepare(source, target, uri: uri, depth: 0)
    }

    private func prepare(
        _ source: borrowing DirectoryHandle, _ target: borrowing DirectoryHandle, uri: String, depth: Int
    ) throws(PathError) {
        let isSameFileSystem = try Self.mapErrors(at: uri) { () throws(Errno) in
            guard depth < DirectoryHandle.maximumDepth else { throw .fileNameTooLong }
            try target.removeTree(reserved)
            return try canRename(target, from: source)
        }
        guard !isSameFileSystem else { return try prepareEntries(source, target, uri: uri, depth: depth) }
        let copy = try Self.mapErrors(at: uri) { () throws(Errno) in
            let copy = try target.privateDirectory(reserved)
            try source.copyContent(to: copy, sharingWith: target.sharingGroup)
            return copy
        }
        try prepareEntries(copy, target, uri: uri, depth: depth)
    }

    private func prepareEntries(
        _ source: borrowing DirectoryHandle, _ target: borrowing DirectoryHandle, uri: String, depth: Int
    ) throws(PathError) {
        for entry in try Self.mapErrors(at: uri, { () throws(Errno) in try source.entries() }) {
            let inner = uri + (uri.hasSuffix("/") ? "" : "/") + entry.name
            guard let other = try Self.mapErrors(at: inner, { () throws(Errno) in try target.entry(entry.rawName) })
            else {
                continue
            }
            switch (entry.kind, other.kind) {
            case (.directory, .directory):
                let child = try Self.mapErrors(at: inner) { () throws(Errno) in try source.directory(raw: entry.rawName)
                }
                let place = try Self.mapErrors(at: inner) { () throws(Errno) in try target.directory(raw: entry.rawName)
                }
                try prepare(child, place, uri: inner, depth: depth + 1)
            case (.directory, _): throw PathError(.unusable, "\(inner) is in the way: it is not a folder")
            case (_, .directory): throw PathError(.unusable, "\(inner) is in the way: it is a folder")
            default: break
            }
        }
    }

    /// Whether a rename leads from one directory into the other, found out with an empty file.
    private func canRename(
        _ target: borrowing DirectoryHandle, from source: borrowing DirectoryHandle
    ) throws(Errno) -> Bool {
        try source.removeTree(reserved)
        let probe = try source.createFile(reserved)
        try? probe.close()
        defer { unlinkat(source.descriptor, reserved, 0) }
        guard renameat(source.descriptor, reserved, target.descriptor, reserved) == 0 else {
            // Mounts, subvolumes and quotas all answer this.
            guard errno == EXDEV else { throw Errno(rawValue: errno) }
            return false
        }
        try target.removeTree(reserved)
        return true
    }

    /// Moves everything to its place, after ``prepare(_:_:uri:)``.
    func move(_ source: borrowing DirectoryHandle, to target: borrowing DirectoryHandle) throws(Errno) {
        try move(source, to: target, depth: 0)
    }

    private func move(
        _ source: borrowing DirectoryHandle, to target: borrowing DirectoryHandle, depth: Int
    ) throws(Errno) {
        guard depth < DirectoryHandle.maximumDepth else { throw .fileNameTooLong }
        guard try target.entry(Array(reserved.utf8CString)) != nil else {
            return try moveEntries(source, to: target, depth: depth)
        }
        try moveEntries(target.directory(reserved), to: target, depth: depth)
        try target.removeTree(reserved)
        try target.synchronise()
    }

    private func moveEntries(
        _ source: borrowing DirectoryHandle, to target: borrowing DirectoryHandle, depth: Int
    ) throws(Errno) {
        let group = target.sharingGroup
        for entry in try source.entries() {
            if entry.kind == .directory {
                let isNew = mkdirat(target.descriptor, entry.rawName, 0o777) == 0
                guard isNew || errno == EEXIST else { throw Errno(rawValue: errno) }
                let inner = try target.directory(raw: entry.rawName)
                if isNew { inner.share(with: group) }
                try move(source.directory(raw: entry.rawName), to: inner, depth: depth + 1)
                // What was copied from it is still there.
                try source.removeTree(raw: entry.rawName)
            } else {
                source.shareFile(entry.rawName, with: group)
                guard renameat(source.descriptor, entry.rawName, target.descriptor, entry.rawName) == 0 else {
                    throw Errno(rawValue: errno)
                }
            }
        }
        try target.synchronise()
    }

    /// Removes the copies that ``prepare(_:_:uri:)`` made before it failed.
    func discard(_ source: borrowing DirectoryHandle, _ target: borrowing DirectoryHandle) {
        discard(source, target, depth: 0)
    }

    private func discard(_ source: borrowing DirectoryHandle, _ target: borrowing DirectoryHandle, depth: Int) {
        guard depth < DirectoryHandle.maximumDepth else { return }
        try? target.removeTree(reserved)
        for entry in (try? source.entries()) ?? [] where entry.kind == .directory {
            // Where there is none, nothing was copied.
            try? discard(
                source.directory(raw: entry.rawName), target.directory(raw: entry.rawName), depth: depth + 1)
        }
    }

    private static func mapErrors<Value: ~Copyable>(
        at uri: String, _ body: () throws(Errno) -> Value
    ) throws(PathError) -> Value {
        do throws(Errno) {
            return try body()
        } catch {
            throw PathError(.unusable, "\(uri) cannot be written: \(error)", cause: error)
        }
    }
}
