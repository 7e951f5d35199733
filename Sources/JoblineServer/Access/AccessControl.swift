internal import JoblineProtocol
internal import Synchronization

/// The access rules in force, which a reload replaces.
///
/// A connection asks once and keeps the answer, which costs it no memory to speak of, until the rules are replaced.
final class AccessControl: Sendable {
    /// What a connection was told.
    struct Answer: Sendable {
        let rights: AccessRights
        /// Which rules it comes from.
        fileprivate let generation: Int
    }

    private let rules: Mutex<AccessRules>
    private let generation = Atomic(0)

    init(_ rules: AccessRules) { self.rules = Mutex(rules) }

    /// True if the answer comes from the rules in force.
    func isCurrent(_ answer: Answer) -> Bool { answer.generation == generation.load(ordering: .acquiring) }

    /// What somebody may do now.
    ///
    /// - Parameters:
    ///   - peer: User and main group.
    ///   - groups: Gives the other groups; called once at most, and only if they matter.
    func answer(for peer: PeerCredentials, groups: () -> [UInt32]) -> Answer {
        let (rules, generation) = self.rules.withLock { ($0, self.generation.load(ordering: .relaxed)) }
        return Answer(rights: rules.rights(of: peer, groups: groups), generation: generation)
    }

    /// Puts other rules in force, for open connections too.
    func replace(_ rules: AccessRules) {
        self.rules.withLock {
            $0 = rules
            generation.wrappingAdd(1, ordering: .releasing)
        }
    }
}
