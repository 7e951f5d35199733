import Testing

@testable import JoblineProtocol

@Suite("String rule")
struct StringRuleTests {
    @Test("Length counts Unicode scalars, and its bounds are inclusive")
    func length() {
        let rule = StringRule(length: 2...3)
        #expect(rule.violation("a") == "length 1 is outside 2...3")
        #expect(rule.violation("ab") == nil)
        #expect(rule.violation("abc") == nil)
        #expect(rule.violation("abcd") == "length 4 is outside 2...3")
        // One character, two scalars, three bytes.
        #expect(rule.violation("e\u{301}") == nil)
        // Two scalars of four bytes each.
        #expect(rule.violation("😀😀") == nil)
    }

    @Test("A length without an upper bound only names the lower bound")
    func openLength() {
        #expect(StringRule(length: 1...Int.max).violation("") == "length 0 is less than 1")
    }

    @Test("A violation describes the constraint without the value")
    func noEcho() throws {
        let secret = "John_Doe_hepatitis"
        let rules = [
            StringRule(pattern: Pattern("[a-f0-9]{32}")), StringRule(length: 1...4), StringRule(excludes: "_Doe_"),
        ]
        let messages = rules.compactMap { $0.violation(secret) }
        #expect(messages == ["has to match [a-f0-9]{32}", "length 18 is outside 1...4", "must not contain _Doe_"])
        #expect(messages.allSatisfy { !$0.contains("John") && !$0.contains("hepatitis") })
    }

    @Test("Excluded text is compared by bytes, not by characters")
    func excluded() {
        let rule = StringRule(excludes: "//")
        for text in ["//", "a//b", "a//\u{301}b", String(repeating: "a", count: 99) + "//"] {
            #expect(rule.violation(text) == "must not contain //")
        }
        for text in ["", "/", "a/b/c/", "a/ /b"] { #expect(rule.violation(text) == nil) }
    }

    @Test("Length is checked before the pattern, whose cost it bounds")
    func order() {
        let rule = StringRule(length: 0...3, pattern: Pattern("[a-z]*"))
        #expect(rule.violation("ABCD") == "length 4 is outside 0...3")
        #expect(rule.violation("ABC") == "has to match [a-z]*")
    }
}
