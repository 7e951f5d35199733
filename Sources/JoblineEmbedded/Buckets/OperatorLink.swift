internal import LibC
internal import SystemPackage

/// Symbolic link that is owned by root or by the daemon's user, which creates none itself: only the operator can have made it.
///
/// Its target may be anywhere, for example on another disk. Links of other users are refused: members of the daemon's group
/// can write to the folder of the buckets, and could otherwise read files with the daemon's permissions.
enum OperatorLink {
    /// `O_PATH`, which opens a symbolic link itself; the Glibc module does not export it.
    private static let openPath: CInt = 0o10_000_000

    /// Returns the target of an operator's link.
    ///
    /// - Parameters:
    ///   - name: Name in `folder`.
    ///   - folder: Absolute path of a directory.
    /// - Returns: Absolute path without symbolic links; nil if the name is not a symbolic link.
    /// - Throws: `outside` for a link of another user, `missing` if the target does not exist.
    static func target(of name: String, in folder: FilePath) throws(PathError) -> FilePath? {
        let path = folder.appending(name)
        // Checking the owner and reading the link through one descriptor is safe against a concurrent replacement.
        let link = open(path.string, openPath | O_NOFOLLOW | O_CLOEXEC)
        guard link >= 0 else { return nil }
        defer { close(link) }
        var status = stat()
        guard fstat(link, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return nil }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw PathError(
                .outside,
                "\(path) is a symbolic link of the user \(DaemonAccount.name(ofUser: status.st_uid)): only root and "
                    + "\(DaemonAccount.user) may link a bucket or database to another place")
        }
        guard let text = content(of: link), let resolved = realpath(folder.pushing(FilePath(text)).string, nil) else {
            throw PathError(.missing, "\(path) is a symbolic link that leads nowhere: \(Errno(rawValue: errno))")
        }
        defer { free(resolved) }
        return FilePath(String(cString: resolved))
    }

    private static func content(of link: CInt) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlinkat(link, "", start, buffer.count)
            guard count > 0, count < buffer.count else { return nil }
            return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        }
    }
}
