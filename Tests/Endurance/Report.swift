internal import Foundation

/// The rounds in tables, and what they say of descriptors and memory.
struct Report {
    private let before: Footprint
    private var rows: [(round: Round, troubles: [Trouble], after: Footprint)] = []

    /// Maximum growth from the first round to the last; a leak in every round would far exceed it.
    private static let growth = 1.5
    /// Tolerance for memory that the allocator keeps, in bytes.
    private static let slack = 16 << 20

    init(_ before: Footprint) { self.before = before }

    mutating func add(_ round: Round, _ troubles: [Trouble], _ after: Footprint) {
        rows.append((round, troubles, after))
    }

    /// Violations.
    var violations: [String] {
        var violations: [String] = []
        for (round, _, after) in rows {
            let name = "round \(round.number)"
            if after.client.descriptors > before.client.descriptors {
                violations.append("\(name) leaves the client \(after.client.descriptors) descriptors")
            }
            if after.daemon.sockets > before.daemon.sockets {
                violations.append("\(name) leaves the daemon \(after.daemon.sockets) sockets")
            }
        }
        guard let first = rows.first?.after, let last = rows.last?.after else { return violations }
        for (name, first, last) in [("client", first.client, last.client), ("daemon", first.daemon, last.daemon)]
        where last.bytes > Int(Double(first.bytes) * Self.growth) + Self.slack {
            violations.append("the \(name) grows: \(Self.megabytes(first.bytes)), then \(Self.megabytes(last.bytes))")
        }
        return violations
    }

    var text: String {
        var lines = [
            "| round | troubles | calls | waits | longest call | client: descriptors | memory | daemon: descriptors | sockets | memory |",
            "| --- " + String(repeating: "| ---: ", count: 9) + "|",
            "| before | | | | " + Self.cells(before),
        ]
        for (round, troubles, after) in rows {
            let seconds = String(format: "%.2f s", round.ledger.longest / .seconds(1))
            lines.append(
                "| \(round.number) | \(troubles.count) | \(round.ledger.ended) | \(round.ledger.waited) | \(seconds) "
                    + Self.cells(after))
        }
        var counts: [String: Int] = [:]
        for row in rows { counts.merge(row.round.ledger.counts, uniquingKeysWith: +) }
        lines += ["", "What became of the calls:", ""]
        lines += counts.sorted { $0.key < $1.key }.map { "- \($0.key): \($0.value)" }
        return lines.joined(separator: "\n")
    }

    private static func cells(_ footprint: Footprint) -> String {
        "| \(footprint.client.descriptors) | \(megabytes(footprint.client.bytes)) | \(footprint.daemon.descriptors) "
            + "| \(footprint.daemon.sockets) | \(megabytes(footprint.daemon.bytes)) |"
    }

    private static func megabytes(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1_048_576) }
}
