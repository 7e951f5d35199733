internal import LibC
internal import SystemPackage

/// Files and folders that only the daemon can access, whatever the umask was at their creation.
enum PrivateFile {
    /// Removes the permissions of group and others. Ignores missing files and those of other users.
    static func close(_ path: FilePath) {
        var status = stat()
        guard stat(path.string, &status) == 0, status.st_mode & 0o077 != 0 else { return }
        chmod(path.string, status.st_mode & 0o7700)
    }

    /// Creates an empty file if there is none, and restricts an existing one.
    static func make(_ path: FilePath) throws(Errno) {
        let file = open(path.string, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard file >= 0 else { throw Errno(rawValue: errno) }
        LibC.close(file)
        close(path)
    }
}
