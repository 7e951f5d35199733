import Testing

@testable import SpecCompiler

@Suite("Traits of a pattern")
struct PatternTraitsTests {
    @Test(
        "tell a repeated class from anything else",
        arguments: [
            ("[a-z]*", "[a-z]"), ("[a-z]+", "[a-z]"), ("^[a-z]*$", "[a-z]"), (#"^([\p{L}_.\-]*)$"#, #"[\p{L}_.\-]"#),
            ("[a-z]", nil), ("[a-z]{2}", nil), ("[a-z][0-9]*", nil), ("[a-z]*[0-9]*", nil), ("x[a-z]*", nil),
            ("^[a-z]*", nil), (#"^[a-z]*(?!\.)$"#, nil), (#"[a\]]*"#, nil), ("[a[b]]*", nil), (".*", "."), (".*.*", nil),
        ] as [(String, String?)])
    func repeated(pattern: String, expected: String?) {
        #expect(PatternTraits(pattern).repeatedClass == expected)
    }

    @Test(
        "tell wildcards that stay on a line",
        arguments: [
            (".*", true), ("a:.+", true), (#"\d{2}:.*[\.\-]"#, true), ("[a-z]", false), ("[^:].*", false),
            (#"\p{Z}.*"#, false), (#"\s.*"#, false), ("(?s).*", false), (#"\n.*"#, false),
        ])
    func singleLine(pattern: String, expected: Bool) {
        #expect(PatternTraits(pattern).isSingleLine == expected)
    }
}
