internal import LibC
internal import SystemPackage

/// A symbolic link that only the operator can have made: root owns it, or the daemon's own user, which makes none itself.
///
/// It may lead anywhere, such as to another disk. Links of other users are refused: members of the daemon's group may write
/// into the folder of the buckets, and would read with the daemon's rights what they may not read themselves.
enum OperatorLink {
    /// Opens a name itself, also that of a symbolic link; Glibc's module does not have it.
    private static let openPath: CInt = 0o10_000_000

    /// Returns the target of an operator's link.
    ///
    /// - Parameters:
    ///   - name: A name in `folder`.
    ///   - folder: A directory, absolute.
    /// - Returns: Absolute and free of symbolic links; nil if the name is not that of a link.
    /// - Throws: `outside` for the link of another user, `missing` if it leads nowhere.
    static func target(of name: String, in folder: FilePath) throws(PathError) -> FilePath? {
        let path = folder.appending(name)
        // The link that is read is the one whose owner is known, whatever is put in its place meanwhile.
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
