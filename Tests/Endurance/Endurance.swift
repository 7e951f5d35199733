internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Jobline
internal import TestSupport

/// Endurance test of one client and its daemons: calls and waits while the daemon is killed, stopped, drained and started again.
/// Checks the outcome of every call, and memory and descriptors of both processes afterwards.
@main
struct Endurance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Endurance",
        abstract: "Calls and waits while the daemon is killed, stopped, drained and started again.",
        discussion: """
            Each round makes its calls and waits with one client. Rounds of trouble come first, then calm ones on one daemon. \
            Ends with status 1 if a call was lost or carried out twice, if a wait ended wrongly, or if either process holds \
            more than before; with status 3 if anything hangs. Results go to standard output as Markdown.
            """)

    @Option(help: "Calls of each round.")
    var calls = 10_000

    @Option(help: "Waits that are open during each round.")
    var watches = 1000

    @Option(help: "Calls under way at a time.")
    var tasks = 256

    @Option(help: "Rounds of trouble.")
    var rounds = 5

    @Option(help: "Rounds without trouble, on the daemon that is left.")
    var calm = 3

    @Option(help: "Seconds that the daemon is stopped for, where its client is to notice.")
    var pause = 3.0

    @Flag(help: "The socket stays while daemons come and go, as under systemd; otherwise each makes its own.")
    var activated = false

    func validate() throws {
        guard [calls, watches, tasks, rounds, calm].allSatisfy({ $0 > 0 }), pause > 0 else {
            throw ValidationError("every number has to be more than 0")
        }
    }

    func run() async throws {
        let violations = try await TestDirectory.with { directory in
            let stage = try Stage(directory)
            let held = try activated ? HeldSocket(path: directory.appending("jobline.sock")) : nil
            defer { held?.close() }
            let supervisor = Supervisor(stage, held)
            var configuration = JoblineClient.Configuration(socketPath: directory.appending("jobline.sock"))
            configuration.timeout = .seconds(30)
            // Clients give up a paused daemon after two thirds of the pause.
            configuration.keepAlive = .seconds(pause / 3)
            return try await JoblineClient.withClient(configuration: configuration) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await Self.keepRunning(supervisor) }
                    defer { group.cancelAll() }
                    return try await self.rounds(client, stage, supervisor)
                }
            }
        }
        for violation in violations { print("- \(violation)") }
        if !violations.isEmpty { throw ExitCode(1) }
    }

    private static func keepRunning(_ supervisor: Supervisor) async {
        do {
            try await supervisor.run()
        } catch {
            guard !Task.isCancelled else { return }
            note("no daemon can be run: \(error)")
            Glibc.exit(1)
        }
    }

    /// - Returns: What must not be.
    private func rounds(_ client: JoblineClient, _ stage: Stage, _ supervisor: Supervisor) async throws -> [String] {
        // Allocations that are made once exist afterwards.
        let first = Round(
            number: 0, calls: max(calls / 10, 200), watches: max(watches / 10, 10), tasks: tasks, pause: pause)
        var violations = try await first.run(client, stage, supervisor, troubles: [])
        let before = try await Footprint.measure(client, supervisor)
        var report = Report(before)
        for number in 1...(rounds + calm) {
            let round = Round(number: number, calls: calls, watches: watches, tasks: tasks, pause: pause)
            let troubles = number <= rounds ? Trouble.round : []
            violations += try await round.run(client, stage, supervisor, troubles: troubles)
            let after = try await Footprint.measure(client, supervisor, until: before)
            report.add(round, troubles, after)
        }
        print(report.text)
        return violations + report.violations + supervisor.violations
    }
}
