internal import ArgumentParser
internal import Jobline
internal import NIOCore

/// Implements `joblinectl info`.
struct InfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show the daemon's version, backends, families and limits.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var times: TimeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.withClient { client in
            let info = try await client.sidecar.getInfo()
            if output.isJSON {
                try Terminal.line(info.text)
            } else {
                try show(info, try await client.hello().access, client.configuration.socketPath)
            }
        }
    }

    private func show(_ info: Sidecar.GetInfoResponse, _ access: [RPC.AccessClass], _ socketPath: String?) throws {
        var record = Record()
        record.add("joblined", "\(info.version), protocol \(info.protocolVersion)")
        record.add("Socket", socketPath)
        record.add("Process", "\(info.pid), since \(times.format.text(info.startTime))")
        for (service, backend) in info.backends.sorted(by: { $0.key < $1.key }) { record.add(service, backend) }
        record.add("You may", access.map(\.rawValue).joined(separator: ", "))
        record.add("Limits", info.shadow ? "counted, not enforced" : "enforced")
        try Terminal.line(record.text)

        if !info.faults.isEmpty {
            var faults = Table(["FAULT", "CALLS OF", "SHARE", "SEED", "SEEN", "HIT", "EFFECT"], flexible: 6)
            for fault in info.faults {
                faults.add([
                    fault.name, fault.methods, Self.number(fault.share), "\(fault.seed)", "\(fault.calls)",
                    "\(fault.hits)", fault.effect,
                ])
            }
            try Terminal.line(
                "\nFAULTS ARE INJECTED, as configured:\n" + faults.text(width: Terminal.width))
        }

        var families = Table(["FAMILY", "EXECUTOR", "AT ONCE", "RUNNING", "WAITING"], flexible: 0)
        for family in info.families {
            families.add([
                "\(family.service).\(family.family)", family.configured ? "yes" : "none",
                family.concurrency.map(String.init) ?? "-", "\(family.running)", "\(family.waiting)",
            ])
        }
        if !info.families.isEmpty { try Terminal.line("\n" + families.text(width: Terminal.width)) }

        var limits = Table(["LIMIT", "OF", "A SECOND", "AT ONCE"], flexible: 1)
        for limit in info.limits {
            limits.add([limit.scope, limit.key, Self.number(limit.rate), Self.number(limit.burst)])
        }
        if !info.limits.isEmpty { try Terminal.line("\n" + limits.text(width: Terminal.width)) }
    }

    /// Returns the number without a fraction if it is an integer.
    private static func number(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
}
