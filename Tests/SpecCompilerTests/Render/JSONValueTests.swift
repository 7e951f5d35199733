import Testing

@testable import SpecCompiler

@Suite("JSON value")
struct JSONValueTests {
    @Test("Compact text has no white space, and escapes quotation marks, backslashes and line feeds")
    func compact() {
        let value = JSONValue.object([
            ("b", .array([.integer(1), .bool(true)])), ("a", .string("\"x\" \\ \n")), ("empty", .object([])),
        ])
        #expect(value.compactText == #"{"b":[1,true],"a":"\"x\" \\ \n","empty":{}}"#)
    }

    @Test("Indented text breaks only what does not fit on a line of 120 columns")
    func indented() {
        let long = String(repeating: "x", count: 60)
        let value = JSONValue.object([
            ("short", .array([.integer(1), .integer(2)])),
            ("long", .array([.string(long), .object([("a", .string(long))])])),
        ])
        #expect(
            value.indentedText == """
                {
                  "short": [1,2],
                  "long": [
                    "\(long)",
                    {"a":"\(long)"}
                  ]
                }
                """)
    }
}
