internal import JoblineProtocol
internal import Synchronization

/// Faults of the next calls, one after the other as they were asked for: for tests that have to know which call fails.
package final class FaultScript: Sendable {
    private struct Entry {
        let faults: [Method: Fault]
        var left: Int
    }

    private let entries = Mutex<[Entry]>([])

    package init() {}

    /// Has the next calls go wrong that no earlier entry is left for.
    ///
    /// - Parameters:
    ///   - rule: What to do, and to calls of which methods; its share and seed mean nothing.
    ///   - count: How many calls.
    /// - Throws: If the rule does not fit itself or the contract, naming the key.
    package func add(_ rule: FaultRule, count: Int) throws(ServerError) {
        let faults = try rule.resolve()
        entries.withLock { $0.append(Entry(faults: faults, left: count)) }
    }

    /// How many calls are still to go wrong.
    package var left: Int { entries.withLock { $0.reduce(0) { $0 + $1.left } } }

    /// Has no further call go wrong.
    package func clear() { entries.withLock { $0 = [] } }

    /// Takes the fault of one call; nil if nothing befalls it.
    func next(for method: Method) -> Fault? {
        entries.withLock { entries in
            for index in entries.indices {
                guard let fault = entries[index].faults[method] else { continue }
                entries[index].left -= 1
                if entries[index].left <= 0 { entries.remove(at: index) }
                return fault
            }
            return nil
        }
    }
}
