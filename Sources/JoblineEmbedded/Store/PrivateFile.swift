internal import LibC
internal import SystemPackage

/// Files and folders that are the daemon's alone, whatever the umask was when they were made.
enum PrivateFile {
    /// Takes the rights of group and others away; what is not there or another user's stays as it is.
    static func close(_ path: FilePath) {
        var status = stat()
        guard stat(path.string, &status) == 0, status.st_mode & 0o077 != 0 else { return }
        chmod(path.string, status.st_mode & 0o7700)
    }

    /// Makes an empty file where there is none, and closes one that is there.
    static func make(_ path: FilePath) throws(Errno) {
        let file = open(path.string, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard file >= 0 else { throw Errno(rawValue: errno) }
        LibC.close(file)
        close(path)
    }
}
