internal import JoblineProtocol
internal import Synchronization

/// Faults of the next calls in order, for tests that choose which call fails.
package final class FaultScript: Sendable {
    private struct Entry {
        let faults: [Method: Fault]
        var left: Int
    }

    private let entries = Mutex<[Entry]>([])

    package init() {}

    /// Adds a fault for the next calls, behind the faults that were added before.
    ///
    /// - Parameters:
    ///   - rule: Methods and fault; share and seed are ignored.
    ///   - count: Number of calls.
    /// - Throws: If the rule is invalid, naming the key.
    package func add(_ rule: FaultRule, count: Int) throws(ServerError) {
        let faults = try rule.resolve()
        entries.withLock { $0.append(Entry(faults: faults, left: count)) }
    }

    /// Number of faults that are left.
    package var left: Int { entries.withLock { $0.reduce(0) { $0 + $1.left } } }

    /// Removes all faults.
    package func clear() { entries.withLock { $0 = [] } }

    /// Takes the fault of one call; nil if there is none.
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
