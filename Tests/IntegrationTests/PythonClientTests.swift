import Subprocess
import TestSupport
import Testing

/// The client in proto-spec/examples, written from the contract alone: that it works shows that the contract suffices.
@Suite("Client in Python", .timeLimit(.minutes(5)))
struct PythonClientTests {
    @Test("The client handles every server message, and repeats only what is safe")
    func vectors() async throws {
        let outcome = try await run("vectors.py")
        #expect(outcome.status == .exited(0), "\(outcome.error)\(outcome.output)")
    }

    @Test("The client calls, lists and watches, and loses nothing when the daemon is killed, restarted, slow or busy")
    func daemon() async throws {
        let outcome = try await run("scenes.py")
        #expect(outcome.status == .exited(0), "\(outcome.error)\(outcome.output)")
    }

    /// Runs a program of `PythonClient`; what Python warns of is a failure.
    private func run(_ name: String) async throws -> Command.Outcome {
        try await Command.run(
            "python3", ["-W", "error", Project.file("Tests/IntegrationTests/PythonClient/" + name)],
            environment: [
                "JOBLINED": Project.program("joblined"), "SECRET": Secret.word, "PYTHONDONTWRITEBYTECODE": "1",
            ])
    }
}
