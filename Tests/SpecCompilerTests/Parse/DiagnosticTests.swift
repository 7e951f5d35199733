import Testing

@testable import SpecCompiler

@Suite("Diagnostics of a contract")
struct DiagnosticTests {
    /// Returns a valid file with an operation of the given lines.
    private func operation(_ lines: String, name: String = "Ping", shapes: String = "") -> String {
        let body = lines.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
        return """
            service: A
            summary: Does it.
            errors: { invalid: BadException }
            operations:
              \(name):
            \(body)
            \(shapes)
            """
    }

    private let usual = "summary: Answers.\nlimit: read\nretry: readonly\nerrors: []"

    @Test("A valid contract has no diagnostics")
    func right() {
        #expect(Fixture.diagnostics(Fixture.library.contents) == [])
        #expect(Fixture.diagnostics(Fixture.link.contents) == [])
        #expect(Fixture.diagnostics(operation(usual + "\nrequest: {}\nresponse: {}")) == [])
    }

    @Test("All errors are reported at once, in the order of lines")
    func several() {
        let found = Fixture.diagnostics(
            """
            service: A
            sumary: Does it.
            errors: { wrong: BadException }
            operations:
              Ping: { summary: Answers., limit: fast, errors: [], request: {}, response: {} }
            """)
        #expect(
            found == [
                #"a.yaml:1: file: "summary" is missing"#,
                #"a.yaml:2: file: unknown key "sumary"; known are service, swift, summary, calls, families, errors, aws, "#
                    + "operations, shapes",
                #"a.yaml:3: errors: unknown kind "wrong"; known are invalid, invalidToken, notFound, conflict, "#
                    + "alreadyExists, quota, accessDenied, throttled, internalError, unavailable",
                #"a.yaml:5: operation Ping: "limit" is one of read, write, unlimited"#,
                #"a.yaml:5: operation Ping: "retry" is missing"#,
            ])
    }

    @Test(
        "An error in a member is reported with its line",
        arguments: [
            ("a: { type: strng, doc: D. }", #"a.yaml:11: operation Ping, member a: unknown type "strng""#),
            ("a: { doc: D. }", #"a.yaml:11: operation Ping, member a: needs exactly one of "type", "list" and "map""#),
            (
                "a: { type: string, list: string, doc: D. }",
                #"a.yaml:11: operation Ping, member a: needs exactly one of "type", "list" and "map""#
            ),
            ("a: { type: string }", #"a.yaml:11: operation Ping, member a: "doc" is missing"#),
            ("a: string", "a.yaml:11: operation Ping, member a: expected a mapping"),
            (
                "a: { type: string, required: yes, doc: D. }",
                #"a.yaml:11: operation Ping, member a: "required" is true or false"#
            ),
            (
                "a: { type: string, length: 5, doc: D. }",
                #"a.yaml:11: operation Ping, member a: "length" is written 1..500, ..1024 or 1.."#
            ),
            (
                "a: { type: string, length: 5..1, doc: D. }",
                #"a.yaml:11: operation Ping, member a: "length" is written 1..500, ..1024 or 1.."#
            ),
            (
                "a: { type: integer, length: 1..5, doc: D. }",
                #"a.yaml:11: operation Ping, member a: "length" belongs to a string, list or map"#
            ),
            (
                "a: { type: string, range: 1..5, doc: D. }",
                #"a.yaml:11: operation Ping, member a: "range" belongs to a number"#
            ),
            (
                "a: { type: string, pattern: '[', doc: D. }",
                "a.yaml:11: operation Ping, member a: the pattern does not compile"
            ),
            (
                "a: { type: integer, pattern: 'a', doc: D. }",
                #"a.yaml:11: operation Ping, member a: "pattern" belongs to a string"#
            ),
            (
                "a: { type: string, keys: string, doc: D. }",
                #"a.yaml:11: operation Ping, member a: "keys" belongs to a map"#
            ),
            (
                "a: { type: string, token: true, required: true, doc: D. }",
                "a.yaml:11: operation Ping, member a: a token is an optional string"
            ),
            (
                "a: { type: string, invalid: WorseException, doc: D. }",
                #"a.yaml:11: operation Ping, member a: "invalid" names "WorseException", which "errors" does not list"#
            ),
            (
                "writer: { type: string, doc: D. }",
                #"a.yaml:11: operation Ping: generated code has a writer of its own; say "swift""#
            ),
        ])
    func member(line: String, expected: String) {
        let found = Fixture.diagnostics(operation(usual + "\nrequest:\n  " + line + "\nresponse: {}"))
        #expect(found.contains(expected), "\(found)")
    }

    @Test("An error type is only allowed for members of requests")
    func refusalInResponse() {
        let found = Fixture.diagnostics(
            operation(usual + "\nrequest: {}\nresponse:\n  a: { type: string, invalid: WorseException, doc: D. }"))
        #expect(
            found == [#"a.yaml:12: operation Ping, response, member a: "invalid" belongs to a member of a request"#])
    }

    @Test("A duplicate key is reported at its second occurrence")
    func duplicateKey() {
        let found = Fixture.diagnostics(
            """
            service: A
            operations:
              Ping: {}
              Pong: {}
              Ping: {}
            """)
        #expect(found == [#"a.yaml:5: "Ping" appears twice"#])
    }

    @Test("Invalid YAML is reported")
    func notYAML() {
        #expect(
            Fixture.diagnostics("service: A\n summary: B: C")
                == ["a.yaml:2: mapping values are not allowed in this context"])
        #expect(Fixture.diagnostics("- a") == ["a.yaml:1: file: expected a mapping"])
    }

    @Test("An operation that a family repeats is reported")
    func duplicateOperation() {
        let found = Fixture.diagnostics(
            """
            service: A
            summary: Does it.
            families: { Big: is big }
            errors: {}
            operations:
              Get{Family}: { summary: S., limit: read, retry: readonly, errors: [], request: {}, response: {} }
              GetBig: { summary: S., limit: read, retry: readonly, errors: [], request: {}, response: {} }
            """)
        #expect(found == ["a.yaml:7: operation GetBig is already defined in line 6"])
    }

    @Test("A placeholder without families, and a clause without a placeholder, are reported")
    func placeholders() {
        let lines = usual + "\nrequest: {}\nresponse: {}"
        #expect(
            Fixture.diagnostics(operation(lines, name: "Get{Family}"))
                == [#"a.yaml:5: operation Get{Family}: {Family} needs "families" in the file"#])
        #expect(
            Fixture.diagnostics(operation(lines.replacing("Answers.", with: "Gets {family}.")))
                == ["a.yaml:5: operation Ping: {family} in the summary needs {Family} in the name"])
        #expect(
            Fixture.diagnostics(operation(lines, name: "Get{Kind}"))
                == ["a.yaml:5: operation Get{Kind}: a name is made of letters, digits and {Family}"])
    }

    @Test("Pages with an unknown member are reported")
    func pages() {
        let lines = usual + "\npages: { token: t, limit: l, items: i }\nrequest: {}\nresponse: {}"
        #expect(
            Fixture.diagnostics(operation(lines)) == [
                #"a.yaml:10: operation Ping: "pages" names "t", which is no member of the request"#,
                #"a.yaml:10: operation Ping: "pages" names "l", which is no member of the request"#,
                #"a.yaml:10: operation Ping: "pages" names "t", which is no member of the response"#,
                #"a.yaml:10: operation Ping: "pages" names "i", which is no member of the response"#,
            ])
    }

    @Test("A job with unknown members, or with none or two families, is reported")
    func job() {
        let lines = usual + "\njob: { id: j, workflow: w }\nrequest: {}\nresponse: {}"
        #expect(
            Fixture.diagnostics(operation(lines)) == [
                #"a.yaml:10: operation Ping: "job" has a family, or the operation's name {Family}"#,
                #"a.yaml:10: operation Ping: "job" names "j", which is no string that the request requires or the response has"#,
                #"a.yaml:10: operation Ping: "job" names "w", which is no string that the request requires"#,
            ])
    }

    @Test("A notification without a structure is reported")
    func notification() {
        let lines = usual + "\nnotifies: Thing\nrequest: {}\nresponse: {}"
        #expect(
            Fixture.diagnostics(operation(lines))
                == [#"a.yaml:10: operation Ping: "notifies" names "Thing", which is no structure of the file"#])
    }

    @Test("Retry by token without a token is reported")
    func token() {
        let lines = usual.replacing("readonly", with: "token") + "\nrequest: {}\nresponse: {}"
        #expect(
            Fixture.diagnostics(operation(lines))
                == [#"a.yaml:5: operation Ping: "retry: token" and a member with "token: true" go together"#])
    }

    @Test("Unknown errors, and errors without a name in the service, are reported")
    func errors() {
        let lines = usual.replacing("[]", with: "[broken, quota]") + "\nrequest: {}\nresponse: {}"
        #expect(
            Fixture.diagnostics(operation(lines)) == [
                #"a.yaml:9: operation Ping: unknown kind of error "broken""#,
                "a.yaml:9: operation Ping: the service has no type for quota",
            ])
    }

    @Test("Invalid, unused and ambiguous shapes are reported")
    func shapes() {
        let found = Fixture.diagnostics(
            operation(
                usual + "\nrequest:\n  a: { type: Filter, length: 1..2, doc: D. }\nresponse: {}",
                shapes: """
                    shapes:
                      Filter: { type: string, pattern: 'a', doc: D. }
                      Unused: { type: string, doc: D. }
                      PingRequest: { doc: D., members: {} }
                      Nothing: { doc: D. }
                      string: { type: string, doc: D. }
                    """))
        #expect(
            found == [
                "a.yaml:5: type PingRequest is already defined by line 16",
                "a.yaml:11: operation Ping, member a: the rules of Filter belong to the shape, not to the member",
                "a.yaml:15: shape Unused is unused",
                "a.yaml:16: shape PingRequest is unused",
                #"a.yaml:17: shape Nothing: needs "members", "values" or "type""#,
                "a.yaml:18: shape string: the name of a builtin type",
            ])
    }

    @Test("An exclusive member must exist and be optional")
    func exclusive() {
        let found = Fixture.diagnostics(
            operation(
                usual + "\nrequest:\n  a: { type: Filter, doc: D. }\nresponse: {}",
                shapes: """
                    shapes:
                      Filter:
                        doc: D.
                        exclusive: [Name, Other]
                        members:
                          Name: { type: string, required: true, doc: D. }
                    """))
        #expect(
            found == [
                #"a.yaml:16: shape Filter: "exclusive" names "Name", which is no optional member"#,
                #"a.yaml:16: shape Filter: "exclusive" names "Other", which is no optional member"#,
            ])
    }

    @Test("A summary that is too long is reported")
    func summary() {
        let lines = usual.replacing("Answers.", with: String(repeating: "a", count: 91)) + "\nrequest: {}\nresponse: {}"
        #expect(
            Fixture.diagnostics(operation(lines)) == [
                "a.yaml:6: operation Ping: the summary has more than 90 characters"
            ])
    }
}
