/// Goals and results. Reported and never enforced: machines differ and are noisy.
struct Goals {
    private var table = Table("goal", "measured", "asked for", "")

    /// - Parameter measured: nil if it could not be.
    mutating func add(_ goal: String, _ measured: Double?, atLeast least: Double) {
        add(goal, measured, "≥ \(Show.plain(least))") { $0 >= least }
    }

    mutating func add(_ goal: String, _ measured: Double?, atMost most: Double) {
        add(goal, measured, "≤ \(Show.plain(most))") { $0 <= most }
    }

    private mutating func add(
        _ goal: String, _ measured: Double?, _ asked: String, _ isReached: (Double) -> Bool
    ) {
        let verdict = measured.map { isReached($0) ? "reached" : "missed" } ?? "not measured"
        table.add([goal, measured.map(Show.decimal) ?? "–", asked, verdict])
    }

    var text: String { table.text }
}
