import Foundation
import JoblineProtocol
import Subprocess
import TestSupport
import Testing

/// The services' published models, as botocore has them, judge the contract and every answer of the daemon.
@Suite("Oracle", .timeLimit(.minutes(5)))
struct OracleTests {
    /// Output of the program in `Oracle` without complaints.
    private struct Summary: Decodable {
        struct Operation: Decodable {
            let requests: Int
            let responses: Int
            let errors: Int
        }
        let comparisons: Int
        /// Requests that had the same outcome over the AWS endpoint.
        let comparedOverHTTP: Int
        let operations: [String: Operation]
    }

    /// An executor for every family: one that waits, fails or does the job as the oracle wants; the examples do the
    /// jobs of the families that they are for.
    private static func settings(gates: String) -> String {
        let executors = Project.file("deploy/executors")
        let interactions = ["--interactions", Project.file("deploy/samples/interactions.csv")]
        let families: [(key: String, example: [String])] = [
            ("entitiesDetectionV2", []), ("phiDetection", []), ("rxNormInference", ["\(executors)/rxnorm"]),
            ("icd10cmInference", []), ("snomedctInference", []),
            ("batchSegment", ["\(executors)/batch-segment"] + interactions),
            ("batchInference", ["\(executors)/batch-inference"] + interactions),
            ("matching", ["\(executors)/matching"]), ("idMapping", ["\(executors)/id-mapping"]),
        ]
        let medical = families.prefix(5).map(\.key)
        let lines = families.map { family in
            let command = [Project.file("Tests/IntegrationTests/Oracle/executor"), gates] + family.example
            let version = medical.contains(family.key) ? ", modelVersion: 1.0.0" : ""
            return "  \(family.key): {command: [\(command.map { "\"\($0)\"" }.joined(separator: ", "))]\(version)}"
        }
        return (["executors:"] + lines).joined(separator: "\n")
    }

    private static var methods: [MethodDescriptor] {
        Method.allCases.map(\.descriptor).filter { !["rpc", "Sidecar"].contains($0.service) }
    }

    /// One request of each operation, and no second one for a long time.
    private static var limits: String {
        let lines = Dictionary(grouping: methods) { "\($0.service)" }.sorted { $0.key < $1.key }.flatMap { service in
            ["    \(service.key):"]
                + service.value.map { "      \($0.name.split(separator: ".")[1]): {rate: 0.001, burst: 1}" }
        }
        return (["limits:", "  methods:"] + lines).joined(separator: "\n")
    }

    /// Denies every method to everybody.
    private static let access = "access: {read: {users: []}, write: {users: []}}"

    /// Every error there is, now and then.
    private static var faults: String {
        let errors = [
            "AccessDenied", "Conflict", "ExceedsLimit", "InternalServer", "InvalidInput", "InvalidNextToken",
            "InvalidRequest", "LimitExceeded", "ResourceAlreadyExists", "ResourceInUse", "ResourceNotFound",
            "ServiceUnavailable", "TooManyTags", "Validation",
        ]
        let lines = errors.enumerated().map { index, error in
            "  \(error): {methods: \"*\", error: \(error)Exception, share: 0.2, seed: \(index)}"
        }
        return (["faults:", "  Throttled: {methods: \"*\", throttle: true, share: 0.2, seed: 99}"] + lines)
            .joined(separator: "\n")
    }

    @Test("The published models agree with the contract and with every response")
    func everything() async throws {
        let outcome = try await TestDirectory.with { directory in
            let gates = directory.appending("gates")
            try directory.write("", to: "gates/.keep")
            return try await DaemonProcess.with(
                in: directory,
                settings: Self.settings(gates: gates) + "\nhttp: {socket: \(directory.appending("aws.sock"))}"
            ) { daemon in
                try await Self.withDaemon(Self.limits) { limited in
                    try await Self.withDaemon(Self.access) { closed in
                        try await Self.withDaemon(Self.faults) { faulty in
                            try await Command.run(
                                "python3",
                                [
                                    Project.file("Tests/IntegrationTests/Oracle/oracle.py"), "--socket", daemon.socket,
                                    "--http", directory.appending("aws.sock"),
                                    "--limited", limited.socket, "--closed", closed.socket, "--faulty", faulty.socket,
                                    "--state", daemon.state, "--gates", gates, "--samples",
                                    Project.file("deploy/samples"), "--contract", Project.file("proto-spec"),
                                ],
                                // Folder in which deploy/test installs botocore, if the system lacks it.
                                environment: [
                                    "PYTHONPATH": Project.file(".build/oracle"), "PYTHONDONTWRITEBYTECODE": "1",
                                ])
                        }
                    }
                }
            }.value
        }
        try #require(outcome.status == .exited(0), "\(outcome.error)\(outcome.output)")
        let summary = try JSONDecoder().decode(Summary.self, from: Data(outcome.output.utf8))
        #expect(summary.comparisons > 1000)
        #expect(summary.comparedOverHTTP > 1000)
        #expect(Set(summary.operations.keys) == Set(Self.methods.map { "\($0.name)" }))
        for (name, operation) in summary.operations {
            #expect(operation.responses > 0 && operation.errors > 0, "\(name)")
            #expect(operation.requests == operation.responses + operation.errors, "\(name)")
        }
    }

    private static func withDaemon<Value: Sendable>(
        _ settings: String, _ body: (DaemonProcess) async throws -> Value
    ) async throws -> Value {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: settings, body).value
        }
    }
}
