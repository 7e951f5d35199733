internal import LibC
internal import SystemPackage

extension DirectoryHandle {
    /// Group with write permission in the directory; nil if the group has none.
    var sharingGroup: gid_t? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IWGRP != 0 else { return nil }
        return status.st_gid
    }

    /// Gives a group read and write permission in the directory; does nothing for nil.
    ///
    /// Errors are ignored: publishing the output matters more than its mode.
    func share(with group: gid_t?) {
        guard let group else { return }
        Self.share(descriptor, with: group)
    }

    /// Gives a group read and write permission in the directory and everything below it.
    func shareTree(with group: gid_t?) throws(Errno) {
        guard group != nil else { return }
        try shareTree(with: group, depth: 0)
    }

    private func shareTree(with group: gid_t?, depth: Int) throws(Errno) {
        guard depth < Self.maximumDepth else { throw .fileNameTooLong }
        share(with: group)
        for entry in try entries() {
            switch entry.kind {
            case .directory: try directory(raw: entry.rawName).shareTree(with: group, depth: depth + 1)
            case .file: shareFile(entry.rawName, with: group)
            case .other: break
            }
        }
    }

    /// Gives a group read and write permission for a file in the directory.
    func shareFile(_ name: [CChar], with group: gid_t?) {
        guard let group else { return }
        // fchmod does not accept descriptors opened with O_PATH. A file that its owner may not read is left unchanged.
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        Self.share(file, with: group)
    }

    private static func share(_ file: CInt, with group: gid_t) {
        var status = stat()
        guard fstat(file, &status) == 0 else { return }
        if status.st_gid != group { _ = fchown(file, uid_t.max, group) }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        let mode = status.st_mode & 0o777 | (isDirectory ? S_IRWXG : S_IRGRP | S_IWGRP)
        let wanted = isDirectory ? mode | S_ISGID : mode
        guard status.st_mode & 0o7777 != wanted || status.st_gid != group else { return }
        // A sandbox with RestrictSUIDSGID= refuses the set-group-ID bit.
        if fchmod(file, wanted) != 0, status.st_mode & 0o777 != mode { _ = fchmod(file, mode) }
    }

    /// Copies the content of the directory into an empty one and flushes it to disk.
    ///
    /// - Parameter group: Group that gets write permission for the copy.
    /// - Throws: `notSupported` for entries other than files and directories.
    func copyContent(to target: borrowing DirectoryHandle, sharingWith group: gid_t?) throws(Errno) {
        try copyContent(to: target, group, depth: 0)
    }

    private func copyContent(to target: borrowing DirectoryHandle, _ group: gid_t?, depth: Int) throws(Errno) {
        guard depth < Self.maximumDepth else { throw .fileNameTooLong }
        for entry in try entries() {
            switch entry.kind {
            case .directory:
                // No other user may write into it before the copy is complete.
                guard mkdirat(target.descriptor, entry.rawName, 0o700) == 0 else { throw Errno(rawValue: errno) }
                let inner = try target.directory(raw: entry.rawName)
                try directory(raw: entry.rawName).copyContent(to: inner, group, depth: depth + 1)
            case .file: try copyFile(entry.rawName, to: target, group)
            case .other: throw .notSupported
            }
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, fchmod(target.descriptor, status.st_mode & 0o777 | S_IRWXU) == 0 else {
            throw Errno(rawValue: errno)
        }
        target.share(with: group)
        try target.synchronise()
    }

    private func copyFile(_ name: [CChar], to target: borrowing DirectoryHandle, _ group: gid_t?) throws(Errno) {
        let source = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard source >= 0 else { throw Errno(rawValue: errno) }
        defer { close(source) }
        let copy = openat(target.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard copy >= 0 else { throw Errno(rawValue: errno) }
        defer { close(copy) }
        try Self.copyBytes(from: source, to: copy)
        var status = stat()
        guard fstat(source, &status) == 0, fchmod(copy, status.st_mode & 0o777) == 0 else {
            throw Errno(rawValue: errno)
        }
        if let group { Self.share(copy, with: group) }
        guard fsync(copy) == 0 else { throw Errno(rawValue: errno) }
    }

    private static func copyBytes(from source: CInt, to copy: CInt) throws(Errno) {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count == 0 { return }
            guard count > 0 || errno == EINTR else { throw Errno(rawValue: errno) }
            var written = 0
            while written < count {
                let step = buffer[written..<count].withUnsafeBytes { write(copy, $0.baseAddress, $0.count) }
                guard step >= 0 || errno == EINTR else { throw Errno(rawValue: errno) }
                written += max(0, step)
            }
        }
    }
}
