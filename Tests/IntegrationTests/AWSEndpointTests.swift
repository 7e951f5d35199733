import Foundation
import Glibc
import Subprocess
import TestSupport
import Testing

/// Tests the AWS endpoint of a real daemon with botocore, with curl-like raw clients, and with two users.
@Suite("AWS endpoint", .timeLimit(.minutes(5)))
struct AWSEndpointTests {
    private static func settings(port: Int, more: String = "") -> String {
        let families = [
            "entitiesDetectionV2", "phiDetection", "rxNormInference", "icd10cmInference", "snomedctInference",
            "batchSegment", "batchInference", "matching", "idMapping",
        ]
        let executors = families.map { "  \($0): {command: [\"/bin/true\"]}" }
        return (["http: {addresses: [\"127.0.0.1:\(port)\"]}", "executors:"] + executors + [more])
            .joined(separator: "\n")
    }

    /// Starts a daemon with the endpoint on a free port.
    private static func withEndpoint<Value: Sendable>(
        _ more: String = "", _ body: (_ daemon: DaemonProcess, _ port: Int) async throws -> Value
    ) async throws -> Value {
        try await TestDirectory.with { directory in
            try directory.write("a note", to: "state/buckets/notes/note.txt")
            try directory.write("", to: "state/buckets/results/.keep")
            let port = try freePort()
            return try await DaemonProcess.with(in: directory, settings: settings(port: port, more: more)) { daemon in
                try await body(daemon, port)
            }.value
        }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        try #require(status == 0)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func python(_ name: String, _ arguments: [String]) async throws -> Command.Outcome {
        try await Command.run(
            "python3", [Project.file("Tests/IntegrationTests/AWSClient/\(name)")] + arguments,
            environment: ["PYTHONPATH": Project.file(".build/oracle"), "PYTHONDONTWRITEBYTECODE": "1"])
    }

    @Test("botocore's clients run operations, paginators, errors and retries on every wire")
    func sdk() async throws {
        let outcome = try await Self.withEndpoint { _, port in
            let limits = "limits: {methods: {Personalize: {ListBatchSegmentJobs: {rate: 2, burst: 1}}}}"
            return try await Self.withEndpoint(limits) { _, limited in
                try await Self.python(
                    "sdk.py",
                    ["--endpoint", "http://127.0.0.1:\(port)", "--limited", "http://127.0.0.1:\(limited)"])
            }
        }
        #expect(outcome.status == .exited(0), "\(outcome.error)\(outcome.output)")
    }

    @Test("Invalid, hostile and unusual HTTP has its response, and harms no other connection")
    func hostile() async throws {
        let outcome = try await Self.withEndpoint("connections: {frameSeconds: 1}") { _, port in
            try await Self.python("hostile.py", ["\(port)"])
        }
        #expect(outcome.status == .exited(0), "\(outcome.error)\(outcome.output)")
    }

    @Test("A connection over the cap is refused at once, and accepted when there is room")
    func caps() async throws {
        let program = try Project.text("Tests/IntegrationTests/AWSClient/caps.py")
        let outcome = try await Self.withEndpoint("connections: {total: 4, perUser: 2}") { _, port in
            try await Command.run("python3", ["-c", program, "\(port)"])
        }
        #expect(outcome.output == "200 200 503 200\n", "\(outcome.error)")
    }

    @Test("Users on TCP are told apart by the kernel", .enabled(if: geteuid() == 0))
    func users() async throws {
        let program = try Project.text("Tests/IntegrationTests/AWSClient/identity.py")
        let access = "access: {read: {users: [root, 65534]}, write: {users: [65534]}}"
        let outcomes = try await Self.withEndpoint(access) { _, port in
            var outcomes: [String] = []
            for uid in ["0", "65534", "65533"] {
                // As text, because the user may not be able to read the checkout.
                let outcome = try await Command.run(
                    "setpriv",
                    ["--reuid", uid, "--clear-groups", "/usr/bin/python3", "-c", program, "\(port)"])
                outcomes.append(outcome.output + outcome.error)
            }
            return outcomes
        }
        #expect(outcomes == ["200 403\n", "200 404\n", "403 403\n"])
    }
}
