internal import Glibc
internal import Subprocess
internal import SystemPackage

/// A small file system in a mount namespace of its own, so that its fullness is nobody else's; gone afterwards.
///
/// The namespace comes with a user namespace, so that no privilege is needed where the host permits those.
package struct SmallDisk: Sendable {
    private let holder: pid_t
    private let mountPoint: String

    /// What a command line begins with, for the program to find the file system at its place.
    package var launcher: [String] {
        ["nsenter", "--user", "--mount", "--preserve-credentials", "--target", "\(holder)", "--"]
    }

    /// Where the file system is seen from outside the namespace.
    package var path: String { "/proc/\(holder)/root\(mountPoint)" }

    /// Whether this host lets its users make such a thing.
    package static func isPermitted() async -> Bool {
        let script = "mount -t tmpfs none /mnt && exec nsenter --version"
        let outcome = try? await Command.run("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script])
        return outcome?.status.isSuccess == true
    }

    /// Makes a file system, gives it to `body`, and removes it.
    ///
    /// - Parameters:
    ///   - mountPoint: A directory; outside the namespace it stays as it is.
    ///   - bytes: How much fits.
    package static func with<Value: Sendable>(
        at mountPoint: String, bytes: Int, _ body: (SmallDisk) async throws -> Value
    ) async throws -> Value {
        // Held by a process that ends with its input, and so not after the tests.
        let script = "mount -t tmpfs -o size=\(bytes) none \"$0\" && echo ready && exec cat"
        let result = try await run(
            .name("unshare"),
            arguments: Arguments(["--user", "--map-root-user", "--mount", "sh", "-c", script, mountPoint]),
            input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            for try await _ in execution.standardOutput.strings() { break }
            let disk = SmallDisk(holder: execution.processIdentifier.value, mountPoint: mountPoint)
            let outcome: Result<Value, any Error>
            do {
                outcome = .success(try await body(disk))
            } catch {
                outcome = .failure(error)
            }
            try await execution.standardInputWriter.finish()
            return outcome
        }
        return try result.closureResult.get()
    }

    /// Takes all the room there is.
    package func fill() throws {
        let file = try FileDescriptor.open(
            FilePath(path + "/ballast"), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
        defer { try? file.close() }
        // The last steps are small, because some room may be less than a large one.
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
