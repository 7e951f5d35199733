internal import Glibc
internal import Subprocess
internal import SystemPackage

/// A view of the file system with mounts of its own, for a daemon to be started in; gone afterwards.
///
/// The namespace comes with a user namespace, so that no privilege is needed where the host permits those.
package struct MountNamespace: Sendable {
    private let holder: pid_t

    /// Prefix of a command line that enters the namespace.
    package var launcher: [String] {
        ["nsenter", "--user", "--mount", "--preserve-credentials", "--target", "\(holder)", "--"]
    }

    /// Returns the outside path of a path in the namespace.
    package func path(_ inside: String) -> String { "/proc/\(holder)/root\(inside)" }

    /// Whether this host lets its users make such a thing.
    package static func isPermitted() async -> Bool {
        let script = "mount -t tmpfs none /mnt && exec nsenter --version"
        let outcome = try? await Command.run("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script])
        return outcome?.status.isSuccess == true
    }

    /// Makes a namespace, gives it to `body`, and removes it.
    ///
    /// - Parameters:
    ///   - mounts: A line of shell that makes the mounts.
    ///   - arguments: What it finds in `$0`, `$1`, ...
    @discardableResult
    package static func with<Value: Sendable>(
        mounts: String, _ arguments: [String], _ body: (MountNamespace) async throws -> Value
    ) async throws -> Value {
        // Held by a process that ends with its input, so it does not outlive the tests.
        let script = mounts + " && echo ready && exec cat"
        let result = try await run(
            .name("unshare"),
            arguments: Arguments(["--user", "--map-root-user", "--mount", "sh", "-c", script] + arguments),
            input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            var isReady = false
            for try await _ in execution.standardOutput.strings() {
                isReady = true
                break
            }
            let namespace = MountNamespace(holder: execution.processIdentifier.value)
            let outcome: Result<Value, any Error>
            do {
                guard isReady else { throw TestFailure("these mounts cannot be made: \(mounts)") }
                outcome = .success(try await body(namespace))
            } catch {
                outcome = .failure(error)
            }
            try await execution.standardInputWriter.finish()
            return outcome
        }
        return try result.closureResult.get()
    }
}
