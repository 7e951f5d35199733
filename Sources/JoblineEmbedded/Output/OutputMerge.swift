internal import LibC
internal import SystemPackage

/// Moves the content of a directory into a shared one, replacing files of the same name.
///
/// ``prepare(_:_:uri:)`` checks for conflicts between files and folders, for write permission, and whether the target is on
/// the same file system. If it is not, the content is first copied there, under a reserved name. Both steps can be repeated
/// after an interruption.
struct OutputMerge {
    /// Name of the copy, unique to the job.
    let reserved: String

    /// Checks that everything can be moved, and copies what is on another file system.
    ///
    /// - Parameter uri: URI of `target`, for errors.
    /// - Throws: The first conflict. Nothing was published then, and ``discard(_:_:)`` removes the copies.
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

    /// Whether a file can be renamed from one directory to the other, tested with an empty file.
    private func canRename(
        _ target: borrowing DirectoryHandle, from source: borrowing DirectoryHandle
    ) throws(Errno) -> Bool {
        try source.removeTree(reserved)
        let probe = try source.createFile(reserved)
        try? probe.close()
        defer { unlinkat(source.descriptor, reserved, 0) }
        guard renameat(source.descriptor, reserved, target.descriptor, reserved) == 0 else {
            // Returned for mounts, subvolumes and project quotas.
            guard errno == EXDEV else { throw Errno(rawValue: errno) }
            return false
        }
        try target.removeTree(reserved)
        return true
    }

    /// Moves everything to the target, after ``prepare(_:_:uri:)``.
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
                // Files that were copied are still in the source.
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
            // If the directory is missing, nothing was copied.
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
