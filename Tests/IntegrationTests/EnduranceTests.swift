import Subprocess
import TestSupport
import Testing

/// One client over daemon after daemon, in a process of its own, where descriptors and memory are those of the client.
///
/// `Tests/Benchmarks/run endurance` does the same with ten times as many calls and a thousand waits.
@Suite("Endurance", .timeLimit(.minutes(5)))
struct EnduranceTests {
    @Test(
        "Across kills, stops and drains no call is lost or repeated, no wait ends wrongly, and nothing leaks",
        arguments: [[], ["--activated"]])
    func rounds(activation: [String]) async throws {
        let outcome = try await Command.run(
            try Project.program("Endurance"),
            ["--calls", "1000", "--watches", "200", "--rounds", "1", "--calm", "1", "--pause", "1.5"] + activation)
        #expect(outcome.status == .exited(0), "\(outcome.output)\n\(outcome.error)")
    }
}
