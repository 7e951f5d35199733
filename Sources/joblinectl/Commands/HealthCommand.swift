internal import ArgumentParser
internal import Jobline
internal import NIOCore

/// Implements `joblinectl health`.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Check the health of the daemon.",
        discussion: """
            The exit status is 0 if all checks passed, 2 if one failed, and another value if the daemon did not \
            reply. Failed checks are printed to standard error. For a unit or a monitoring system:
              joblinectl health --timeout 5
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.withClient { client in
            let health = try await client.sidecar.getHealth()
            try Terminal.line(output.isJSON ? health.text : Self.text(health, width: Terminal.width))
            if let problem = Self.problem(health) { throw CommandFailure(message: problem, status: .degraded) }
        }
    }

    static func text(_ health: Sidecar.GetHealthResponse, width: Int?) -> String {
        var table = Table(["CHECK", "PASSED", "FOUND"], flexible: 2)
        for check in health.checks { table.add([check.name, check.ok ? "yes" : "NO", check.detail ?? ""]) }
        return Terminal.plain(health.status.rawValue) + "\n\n" + table.text(width: width)
    }

    /// Returns the failed checks in one line; nil if all passed.
    static func problem(_ health: Sidecar.GetHealthResponse) -> String? {
        if health.status == .ok { return nil }
        let failed = health.checks.filter { !$0.ok }.map { check in
            check.detail.map { "\(check.name) (\($0))" } ?? check.name
        }
        let list = failed.isEmpty ? "" : ": " + failed.joined(separator: ", ")
        return Terminal.plain("the daemon is \(health.status.rawValue)\(list)")
    }
}
