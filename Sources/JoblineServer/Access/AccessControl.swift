internal import JoblineBackend
internal import JoblineProtocol
internal import Synchronization

/// Access rules in force; a reload replaces them.
///
/// A connection evaluates the rules once and keeps the result until they are replaced.
final class AccessControl: Sendable {
    /// Rights of one caller under one generation of the rules.
    struct Answer: Sendable {
        let rights: AccessRights
        /// Generation of the rules that were evaluated.
        fileprivate let generation: Int
    }

    private let rules: Mutex<AccessRules>
    private let generation = Atomic(0)

    init(_ rules: AccessRules) { self.rules = Mutex(rules) }

    /// Whether the answer comes from the rules in force.
    func isCurrent(_ answer: Answer) -> Bool { answer.generation == generation.load(ordering: .acquiring) }

    /// Evaluates the rules for a caller.
    func answer(for peer: PeerCredentials) -> Answer {
        let (rules, generation) = self.rules.withLock { ($0, self.generation.load(ordering: .relaxed)) }
        return Answer(rights: rules.rights(of: peer), generation: generation)
    }

    /// Replaces the rules, for open connections as well.
    func replace(_ rules: AccessRules) {
        self.rules.withLock {
            $0 = rules
            generation.wrappingAdd(1, ordering: .releasing)
        }
    }
}
