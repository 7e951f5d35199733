internal import LibC
internal import SystemPackage

/// Description of a missing file permission, with the commands that grant it.
enum AccessDenial {
    /// Missing permission.
    enum Right: Sendable, Hashable {
        case read, write

        fileprivate var name: String { self == .read ? "read" : "write to" }
        fileprivate var mode: CInt { self == .read ? R_OK : W_OK | X_OK }
        fileprivate var letters: String { self == .read ? "rX" : "rwX" }
    }

    /// Returns a clause with the user, the file or folder it may not use, and the commands that grant the permission.
    ///
    /// - Parameters:
    ///   - path: Path that the daemon tried to use. If a folder above it may not be entered, the clause names that folder.
    ///   - right: Permission that the daemon needs.
    static func description(of path: FilePath, _ right: Right) -> String {
        let (closed, right) = closedFolder(above: path).map { ($0, Right.read) } ?? (path, right)
        return "the user \(DaemonAccount.user) may not \(right.name) \(closed): give it to the group "
            + "\(DaemonAccount.group) (chgrp) and let that group in (chmod g+\(right.letters))"
    }

    /// Returns the same clause for a permission error, and the system's description for any other error.
    static func description(of error: Errno, at path: FilePath, _ right: Right) -> String {
        [.permissionDenied, .notPermitted].contains(error) ? description(of: path, right) : "\(path): \(error)"
    }

    /// Returns the topmost folder above a path that the daemon may not enter; nil if it may enter all of them.
    private static func closedFolder(above path: FilePath) -> FilePath? {
        var folder = FilePath("/")
        for component in path.components.dropLast() {
            guard access(folder.string, X_OK) == 0 || errno != EACCES else { return folder }
            folder.append(component)
        }
        return access(folder.string, X_OK) == 0 || errno != EACCES ? nil : folder
    }
}
