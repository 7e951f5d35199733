internal import Foundation
internal import LibC

/// A directory accessible only to this user, in memory where the system has `/dev/shm`.
struct PrivateDirectory: Sendable {
    let path: String

    init() throws(TestServerError) {
        var reason: Int32 = 0
        for parent in ["/dev/shm", getenv("TMPDIR").map { String(cString: $0) }, "/tmp"].compactMap(\.self) {
            // The path of a Unix socket has at most 107 bytes.
            guard parent.utf8.count < 70 else { continue }
            var template = Array("\(parent)/jobline-test-XXXXXX".utf8CString)
            if let made = mkdtemp(&template) {
                path = String(cString: made)
                return
            }
            reason = errno
        }
        throw TestServerError(
            .environment, "cannot create a directory in /dev/shm, TMPDIR or /tmp: \(String(cString: strerror(reason)))")
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
