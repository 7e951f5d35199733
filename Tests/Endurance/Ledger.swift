internal import Jobline
internal import Synchronization

/// Outcomes of calls, as known to the callers of one round.
final class Ledger: Sendable {
    enum Kind: String, CaseIterable {
        case describe, list
        /// Starts of Comprehend Medical: the same request may be sent again.
        case start = "start with a token"
        /// Creations of Personalize: what became of them can be looked up.
        case create = "create by name"
        /// Starts of Entity Resolution: never to be sent again where they may have been carried out.
        case run = "start without a token"
    }

    enum Fate: Equatable {
        /// Carried out, with what the daemon answered.
        case done(String)
        /// Reported by the client as not processed.
        case untouched
        case unknown
    }

    private struct State {
        var fates: [Kind: [String: Fate]] = [:]
        var counts: [String: Int] = [:]
        var ended = 0
        var longest = Duration.zero
        var begun = 0
        var waited = 0
        var violations: [String] = []
    }

    private let state = Mutex(State())

    /// Calls by the name that they create; each name is used once.
    func fates(_ kind: Kind) -> [String: Fate] { state.withLock { $0.fates[kind] ?? [:] } }
    /// Number of calls by outcome.
    var counts: [String: Int] { state.withLock { $0.counts } }
    /// Calls that have ended.
    var ended: Int { state.withLock { $0.ended } }
    /// The time of the call that took longest.
    var longest: Duration { state.withLock { $0.longest } }
    /// Waits that were told of their jobs.
    var begun: Int { state.withLock { $0.begun } }
    /// Waits that have ended.
    var waited: Int { state.withLock { $0.waited } }
    var violations: [String] { state.withLock { $0.violations } }

    func ended(_ kind: Kind, _ name: String, _ fate: Fate, _ result: String, after duration: Duration) {
        state.withLock { state in
            state.ended += 1
            state.longest = max(state.longest, duration)
            state.counts["\(kind.rawValue): \(result)", default: 0] += 1
            state.fates[kind, default: [:]][name] = fate
        }
    }

    func waitBegan() { state.withLock { $0.begun += 1 } }
    func waitEnded() { state.withLock { $0.waited += 1 } }
    func violation(_ text: String) { state.withLock { $0.violations.append(text) } }
}
