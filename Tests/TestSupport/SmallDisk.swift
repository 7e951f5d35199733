internal import Glibc
internal import SystemPackage

/// A small file system in a mount namespace of its own, so that its fullness is nobody else's; gone afterwards.
package struct SmallDisk: Sendable {
    private let namespace: MountNamespace
    private let mountPoint: String

    /// Beginning of a command line, so that the program sees the file system.
    package var launcher: [String] { namespace.launcher }

    /// Path of the file system from outside the namespace.
    package var path: String { namespace.path(mountPoint) }

    /// Whether this host lets its users make such a thing.
    package static func isPermitted() async -> Bool { await MountNamespace.isPermitted() }

    /// Makes a file system, gives it to `body`, and removes it.
    ///
    /// - Parameters:
    ///   - mountPoint: A directory; outside the namespace it stays as it is.
    ///   - bytes: How much fits.
    @discardableResult
    package static func with<Value: Sendable>(
        at mountPoint: String, bytes: Int, _ body: (SmallDisk) async throws -> Value
    ) async throws -> Value {
        let mounts = "mount -t tmpfs -o size=\(bytes) none \"$0\""
        return try await MountNamespace.with(mounts: mounts, [mountPoint]) { namespace in
            try await body(SmallDisk(namespace: namespace, mountPoint: mountPoint))
        }
    }

    /// Takes all the room there is.
    package func fill() throws {
        let file = try FileDescriptor.open(
            FilePath(path + "/ballast"), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
        defer { try? file.close() }
        // The last steps are small, to fill the remaining space.
        for size in [1 << 20, 4096] {
            let block = [UInt8](repeating: 0x78, count: size)
            do {
                while true { try file.writeAll(block) }
            } catch Errno.noSpace {}
        }
    }

    /// Gives it back.
    package func free() { unlink(path + "/ballast") }
}
