internal import LibC
internal import SystemPackage

/// Says what keeps the daemon from a file or folder, and what its operator can do about it.
enum AccessDenial {
    /// Right that is missing.
    enum Right: Sendable, Hashable {
        case read, write

        fileprivate var name: String { self == .read ? "read" : "write to" }
        fileprivate var mode: CInt { self == .read ? R_OK : W_OK | X_OK }
        fileprivate var letters: String { self == .read ? "rX" : "rwX" }
    }

    /// A clause that names what is closed, to whom, and the way out.
    ///
    /// - Parameters:
    ///   - path: What the daemon tried to use; named is the folder on the way to it that is closed, where there is one.
    ///   - right: What it tried to do.
    static func description(of path: FilePath, _ right: Right) -> String {
        let (closed, right) = closedFolder(above: path).map { ($0, Right.read) } ?? (path, right)
        return "the user \(DaemonAccount.user) may not \(right.name) \(closed): give it to the group "
            + "\(DaemonAccount.group) (chgrp) and let that group in (chmod g+\(right.letters))"
    }

    /// The same of an error where it is about permission, and the error as the system says it otherwise.
    static func description(of error: Errno, at path: FilePath, _ right: Right) -> String {
        [.permissionDenied, .notPermitted].contains(error) ? description(of: path, right) : "\(path): \(error)"
    }

    /// The first folder on the way to a path that the daemon may not pass.
    private static func closedFolder(above path: FilePath) -> FilePath? {
        var folder = FilePath("/")
        for component in path.components.dropLast() {
            guard access(folder.string, X_OK) == 0 || errno != EACCES else { return folder }
            folder.append(component)
        }
        return access(folder.string, X_OK) == 0 || errno != EACCES ? nil : folder
    }
}
