import Crypto
import JoblineProtocol
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("Pagination tokens")
struct PageTokensTests {
    private let tokens = PageTokens(key: SymmetricKey(data: Array(repeating: 7, count: 32) as [UInt8]))
    private let position = ListPosition(time: Timestamp(milliseconds: 1_749_945_600_250), id: "0a1b")
    private let list: [String?] = ["ComprehendMedical", "RxNormInference", nil, "FAILED"]

    @Test(
        "A token gives its position back",
        arguments: [
            ListPosition(time: Timestamp(milliseconds: 0), id: ""),
            ListPosition(time: Timestamp(milliseconds: -1), id: "ü…"),
            ListPosition(time: Timestamp(milliseconds: .max), id: String(repeating: "x", count: 256)),
        ])
    func roundTrip(_ position: ListPosition) throws {
        let token = tokens.token(after: position, of: list)
        #expect(tokens.position(token, of: list) == position)
        #expect(token.utf8.count <= 1024)
        #expect(token.wholeMatch(of: /[A-Za-z0-9_\-=+\/]+/) != nil)
    }

    @Test("Another list does not take it")
    func otherList() {
        let token = tokens.token(after: position, of: list)
        for other: [String?] in [
            ["ComprehendMedical", "EntitiesDetectionV2", nil, "FAILED"],
            ["ComprehendMedical", "RxNormInference", nil, nil],
            ["ComprehendMedical", "RxNormInference", "FAILED", nil], ["Personalize", "BatchSegment", nil], [],
            ["ComprehendMedical", "RxNormInference", "", "FAILED"],
            ["ComprehendMedicalRxNormInference", nil, "FAILED"],
        ] {
            #expect(tokens.position(token, of: other) == nil)
        }
    }

    @Test("A token that was changed in any character is refused")
    func tampered() {
        let token = Array(tokens.token(after: position, of: list))
        for index in token.indices {
            for replacement: Character in ["A", "B", "_", "!", "é"] where replacement != token[index] {
                var changed = token
                changed[index] = replacement
                #expect(tokens.position(String(changed), of: list) == nil)
            }
        }
        for length in token.indices { #expect(tokens.position(String(token.prefix(length)), of: list) == nil) }
        #expect(tokens.position(String(token) + "A", of: list) == nil)
        #expect(tokens.position("", of: list) == nil)
    }

    @Test("Another state directory does not take it; the same one does after a restart")
    func key() throws {
        let (one, other) = (try Sandbox(), try Sandbox())
        let first = try PageTokens(key: PageTokens.key(in: one.path.appending("key")))
        let token = first.token(after: position, of: list)
        #expect(
            try PageTokens(key: PageTokens.key(in: one.path.appending("key"))).position(token, of: list) == position)
        #expect(try PageTokens(key: PageTokens.key(in: other.path.appending("key"))).position(token, of: list) == nil)
        #expect(one.readBytes("key")?.count == 32)
        #expect(!one.exists("key.new"))
    }

    @Test("A broken key is told, not replaced")
    func brokenKey() throws {
        let sandbox = try Sandbox()
        try sandbox.write("short", to: "key")
        let error = #expect(throws: StateError.self) { try PageTokens.key(in: sandbox.path.appending("key")) }
        #expect(error?.code == .damaged)
        #expect(sandbox.read("key") == "short")
    }
}
