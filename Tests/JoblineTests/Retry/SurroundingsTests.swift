import Testing

@testable import Jobline

@Suite("Surroundings")
struct SurroundingsTests {
    static func surroundings(_ numbers: UInt64) -> Surroundings {
        Surroundings(now: { .zero }, sleep: { _ in }, random: { numbers })
    }

    @Test("tokens are 36 characters in the form of a random UUID")
    func token() {
        #expect(Self.surroundings(.min).token() == "00000000-0000-4000-8000-000000000000")
        #expect(Self.surroundings(.max).token() == "ffffffff-ffff-4fff-bfff-ffffffffffff")
        #expect(Self.surroundings(0x0123_4567_89AB_CDEF).token() == "01234567-89ab-4def-8123-456789abcdef")
        let tokens = Set((0..<100).map { _ in Surroundings.system.token() })
        #expect(tokens.count == 100)
        #expect(tokens.allSatisfy { $0.wholeMatch(of: /[a-zA-Z0-9-]{36}/) != nil })
    }

    @Test("fractions start at 0 and stay below 1")
    func fraction() {
        #expect(Self.surroundings(.min).fraction() == 0)
        #expect(Self.surroundings(.max).fraction() < 1)
        #expect(Self.surroundings(1 << 63).fraction() == 0.5)
    }
}
