internal import JoblineProtocol

/// Chooses the calls to inject faults into, and counts them.
package final class FaultInjector: Sendable {
    /// Counters of a rule since the start.
    package struct Count: Sendable, Hashable {
        package let rule: FaultRule
        /// Calls of the rule's methods.
        package let calls: Int
        /// Calls with an injected fault.
        package let hits: Int
    }

    /// Rule that applies to a method, with its fault.
    private struct Candidate: Sendable {
        let lottery: FaultLottery
        let fault: Fault
    }

    private let script: FaultScript?
    private let lotteries: [FaultLottery]
    private let candidates: [Method: [Candidate]]

    /// - Parameter rules: Rules in any order; they are tried in the order of their names.
    /// - Returns: nil if there are no rules.
    /// - Throws: For the first invalid rule, naming the key.
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

    /// - Parameter script: Faults of the next calls.
    package init(_ script: FaultScript) {
        self.script = script
        lotteries = []
        candidates = [:]
    }

    /// Counters of all rules, in the order in which they are tried.
    package var counts: [Count] {
        lotteries.map { Count(rule: $0.rule, calls: $0.calls, hits: $0.hits) }
    }

    /// Returns the fault of the first rule that hits the call; nil if none does.
    ///
    /// Every rule draws for every call of its methods, so no rule changes the sequence of another.
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
