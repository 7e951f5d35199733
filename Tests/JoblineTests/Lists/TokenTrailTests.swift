import Testing

@testable import Jobline

@Suite("Token trail")
struct TokenTrailTests {
    @Test("Tokens that never repeat are all new")
    func noCircle() {
        var trail = TokenTrail()
        #expect((0..<1000).allSatisfy { trail.isNew("\($0)") })
    }

    @Test(
        "A cycle is detected within three times its pages", arguments: [1, 2, 3, 7, 64], [0, 1, 5, 100])
    func circle(_ length: Int, _ before: Int) throws {
        var trail = TokenTrail()
        let tokens = (0..<4 * (before + length)).map { $0 < before ? "\($0)" : "circle \(($0 - before) % length)" }
        let noticed = try #require(tokens.firstIndex { !trail.isNew($0) })
        #expect(noticed >= before + length)
        #expect(noticed < 3 * (before + length))
    }
}
