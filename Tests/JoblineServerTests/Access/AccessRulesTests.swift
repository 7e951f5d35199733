import Glibc
import JoblineBackend
import JoblineProtocol
import Testing

@testable import JoblineServer

@Suite struct AccessRulesTests {
    private func rights(_ rules: AccessRules, uid: UInt32 = 1, gid: UInt32 = 2, groups: [UInt32] = []) -> AccessRights {
        rules.rights(of: PeerCredentials(uid: uid, gid: gid, pid: 3, groups: groups))
    }

    @Test("Without rules everybody has all rights; an empty rule excludes everybody, even root")
    func ends() {
        #expect(rights(AccessRules()) == .all)
        #expect(rights(AccessRules(read: .init(), write: .init()), uid: 0, gid: 0) == [])
        #expect(rights(AccessRules(write: .init()), uid: 0, gid: 0) == .read)
    }

    @Test("A rule matches a user, the primary group or a supplementary group")
    func ways() {
        let rules = AccessRules(read: .init(users: [1], groups: [20, 30]))
        #expect(rights(rules, uid: 1) == .all)
        #expect(rights(rules, uid: 5, gid: 20) == .all)
        #expect(rights(rules, uid: 5, gid: 5, groups: [6, 30]) == .all)
        #expect(rights(rules, uid: 20, gid: 1, groups: [1]) == .write)
    }

    @Test("Rights to read and to write are independent")
    func apart() {
        let rules = AccessRules(read: .init(users: [1]), write: .init(users: [2]))
        #expect(rights(rules, uid: 1) == .read)
        #expect(rights(rules, uid: 2) == .write)
        #expect(rights(rules, uid: 3) == [])
    }

    @Test("Each class of methods requires its right, and unlimited methods none")
    func classes() {
        #expect(AccessRights(requiredFor: .read) == .read)
        #expect(AccessRights(requiredFor: .write) == .write)
        #expect(AccessRights(requiredFor: .unlimited) == [])
        #expect(AccessRights.all.isSuperset(of: [.read, .write]))
    }

    @Test("Evaluated rights are valid until the rules are replaced")
    func replaced() {
        let control = AccessControl(AccessRules())
        let peer = PeerCredentials(uid: 1, gid: 2, pid: 3)
        let first = control.answer(for: peer)
        #expect(first.rights == .all && control.isCurrent(first))
        control.replace(AccessRules(write: .init(users: [9])))
        #expect(!control.isCurrent(first))
        let second = control.answer(for: peer)
        #expect(second.rights == .read && control.isCurrent(second))
    }

    @Test("The kernel reports the groups of a peer, and nothing for a descriptor that is no socket")
    func groups() throws {
        var pair: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        let groups = try #require(PeerGroups.supplementary(of: pair[0]))
        var own = [gid_t](repeating: 0, count: max(1, Int(getgroups(0, nil))))
        let count = Int(getgroups(CInt(own.count), &own))
        #expect(groups.sorted() == own[..<count].sorted())
        #expect(PeerGroups.supplementary(of: -1) == nil)
    }
}
