internal import LibC
internal import SystemPackage

extension DirectoryHandle {
    /// The group that may change what is in the directory; nil where only its owner may.
    var sharingGroup: gid_t? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IWGRP != 0 else { return nil }
        return status.st_gid
    }

    /// Lets a group read, change and remove what is in the directory; nothing for nil.
    ///
    /// A right that cannot be given is left: the output is worth more than its mode.
    func share(with group: gid_t?) {
        guard let group else { return }
        Self.share(descriptor, with: group)
    }

    /// The same for everything below the directory too.
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

    /// Does the same for a file in the directory.
    func shareFile(_ name: [CChar], with group: gid_t?) {
        guard let group else { return }
        // Without O_PATH, which chmod does not take: a file that its owner may not read stays as it is.
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
        // A sandbox may refuse the bit that hands the group on (RestrictSUIDSGID=).
        if fchmod(file, wanted) != 0, status.st_mode & 0o777 != mode { _ = fchmod(file, mode) }
    }

    /// Copies what is in the directory into an empty one, and waits until it is on the disk.
    ///
    /// - Parameter group: Who may change the copy, besides its owner.
    /// - Throws: `notSupported` for anything but files and directories.
    func copyContent(to target: borrowing DirectoryHandle, sharingWith group: gid_t?) throws(Errno) {
        try copyContent(to: target, group, depth: 0)
    }

    private func copyContent(to target: borrowing DirectoryHandle, _ group: gid_t?, depth: Int) throws(Errno) {
        guard depth < Self.maximumDepth else { throw .fileNameTooLong }
        for entry in try entries() {
            switch entry.kind {
            case .directory:
                // Nobody else may write into it before it is complete.
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
