import Testing

@testable import Jobline

@Suite("ClientDependencies")
struct ClientDependenciesTests {
    static func dependencies(_ numbers: UInt64) -> ClientDependencies {
        ClientDependencies(now: { .zero }, sleep: { _ in }, random: { numbers })
    }

    @Test("Tokens are 36 characters in the form of a random UUID")
    func token() {
        #expect(Self.dependencies(.min).token() == "00000000-0000-4000-8000-000000000000")
        #expect(Self.dependencies(.max).token() == "ffffffff-ffff-4fff-bfff-ffffffffffff")
        #expect(Self.dependencies(0x0123_4567_89AB_CDEF).token() == "01234567-89ab-4def-8123-456789abcdef")
        let tokens = Set((0..<100).map { _ in ClientDependencies.system.token() })
        #expect(tokens.count == 100)
        #expect(tokens.allSatisfy { $0.wholeMatch(of: /[a-zA-Z0-9-]{36}/) != nil })
    }

    @Test("Fractions start at 0 and stay below 1")
    func fraction() {
        #expect(Self.dependencies(.min).fraction() == 0)
        #expect(Self.dependencies(.max).fraction() < 1)
        #expect(Self.dependencies(1 << 63).fraction() == 0.5)
    }
}
