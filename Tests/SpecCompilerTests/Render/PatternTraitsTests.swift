import Testing

@testable import SpecCompiler

@Suite("Pattern traits")
struct PatternTraitsTests {
    @Test(
        "A repeated class is told from other patterns",
        arguments: [
            ("[a-z]*", "[a-z]"), ("[a-z]+", "[a-z]"), ("^[a-z]*$", "[a-z]"), (#"^([\p{L}_.\-]*)$"#, #"[\p{L}_.\-]"#),
            ("[a-z]", nil), ("[a-z]{2}", nil), ("[a-z][0-9]*", nil), ("[a-z]*[0-9]*", nil), ("x[a-z]*", nil),
            ("^[a-z]*", nil), (#"^[a-z]*(?!\.)$"#, nil), (#"[a\]]*"#, nil), ("[a[b]]*", nil), (".*", "."),
            (".*.*", nil),
        ] as [(String, String?)])
    func repeated(pattern: String, expected: String?) {
        #expect(PatternTraits(pattern).repeatedClass == expected)
    }

    @Test(
        "A wildcard that cannot match a line break is recognised",
        arguments: [
            (".*", true), ("a:.+", true), (#"\d{2}:.*[\.\-]"#, true), ("[a-z]", false), ("[^:].*", false),
            (#"\p{Z}.*"#, false), (#"\s.*"#, false), ("(?s).*", false), (#"\n.*"#, false),
        ])
    func singleLine(pattern: String, expected: Bool) {
        #expect(PatternTraits(pattern).isSingleLine == expected)
    }
}
