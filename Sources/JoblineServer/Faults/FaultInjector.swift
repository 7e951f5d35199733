internal import JoblineProtocol

/// Decides which calls go wrong on purpose, and counts them.
package final class FaultInjector: Sendable {
    /// What a rule did since the start.
    package struct Count: Sendable, Hashable {
        package let rule: FaultRule
        /// Calls that it is about.
        package let calls: Int
        /// Calls that it hit.
        package let hits: Int
    }

    /// A rule that may hit the calls of a method, and what it does to them.
    private struct Candidate: Sendable {
        let lottery: FaultLottery
        let fault: Fault
    }

    private let script: FaultScript?
    private let lotteries: [FaultLottery]
    private let candidates: [Method: [Candidate]]

    /// - Parameter rules: In any order; they are tried in that of their names.
    /// - Returns: nil if there are no rules.
    /// - Throws: For the first rule that does not fit itself or the contract, naming the key.
    package init?(_ rules: [FaultRule]) throws(ServerError) {
        if rules.isEmpty { return nil }
        var lotteries: [FaultLottery] = []
        var candidates: [Method: [Candidate]] = [:]
        for rule in rules.sorted(by: { $0.name < $1.name }) {
            let lottery = FaultLottery(rule)
            lotteries.append(lottery)
            for (method, fault) in try rule.resolve() {
                candidates[method, default: []].append(Candidate(lottery: lottery, fault: fault))
            }
        }
        self.lotteries = lotteries
        self.candidates = candidates
        script = nil
    }

    /// - Parameter script: Tells which calls go wrong.
    package init(_ script: FaultScript) {
        self.script = script
        lotteries = []
        candidates = [:]
    }

    /// What every rule did since the start, in the order in which they are tried.
    package var counts: [Count] {
        lotteries.map { Count(rule: $0.rule, calls: $0.calls, hits: $0.hits) }
    }

    /// Decides about one call: the first rule that hits it wins.
    ///
    /// Every rule draws for every call that it is about, so that no rule changes the sequence of another.
    ///
    /// - Returns: nil if nothing befalls it.
    func fault(for method: Method) -> Fault? {
        if let fault = script?.next(for: method) { return fault }
        guard let candidates = candidates[method] else { return nil }
        var winner: Candidate?
        for candidate in candidates {
            let isHit = candidate.lottery.draw()
            if isHit, winner == nil { winner = candidate }
        }
        winner?.lottery.countHit()
        return winner?.fault
    }
}
