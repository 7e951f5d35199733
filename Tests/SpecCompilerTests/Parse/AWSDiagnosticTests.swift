import Testing

@testable import SpecCompiler

@Suite("Diagnostics of the wires of AWS")
struct AWSDiagnosticTests {
    /// Returns the diagnostics of a service with one operation.
    ///
    /// - Parameters:
    ///   - aws: Block `aws` in flow style; none if nil.
    ///   - http: Place of the operation; none if nil.
    private func diagnostics(_ aws: String?, http: String?, request: String = "{}") -> [String] {
        Fixture.diagnostics(
            """
            service: A
            summary: Does it.
            errors: { notFound: MissingException }
            \(aws.map { "aws: \($0)" } ?? "families: {}")
            operations:
              Get:
                summary: Gets it.
                limit: read
                retry: readonly
                errors: [notFound]
                \(http.map { "http: \($0)" } ?? "answeredBy: service")
                request: \(request)
                response: { t: { type: timestamp, doc: "A time." } }
            """)
    }

    private let rest = "{ wires: [rest], signing: a, message: message }"
    private let json = "{ wires: [json], target: A_1, signing: a, message: message }"
    private let name = "{ n: { type: string, required: true, doc: N. } }"

    @Test("A valid block has no diagnostics")
    func valid() {
        #expect(diagnostics(json, http: nil) == [])
        #expect(diagnostics(rest, http: "GET /things/{n}", request: name) == [])
        #expect(diagnostics(nil, http: nil) == [])
    }

    @Test("The target belongs to JSON and CBOR, and the place of operations to REST")
    func wires() {
        #expect(
            diagnostics("{ wires: [cbor], signing: a, message: m }", http: nil)
                == [#"a.yaml:4: aws: "target" belongs to the wires json and cbor"#])
        #expect(
            diagnostics("{ wires: [rest], target: A, signing: a, message: m }", http: "GET /a")
                == [#"a.yaml:4: aws: "target" belongs to the wires json and cbor"#])
        #expect(
            diagnostics(json, http: "GET /a")
                == [#"a.yaml:6: operation Get: "http" belongs to the operations of a service with the wire rest"#])
        #expect(
            diagnostics(rest, http: nil)
                == [#"a.yaml:6: operation Get: "http" belongs to the operations of a service with the wire rest"#])
        #expect(
            diagnostics("{ wires: [soap], target: A, signing: a, message: m }", http: nil)
                == [#"a.yaml:4: aws: "wires" lists json, cbor, rest"#])
        #expect(diagnostics(nil, http: "GET /a") == [#"a.yaml:6: operation Get: "http" needs "aws" in the file"#])
    }

    @Test("A status belongs to an error of the service")
    func statuses() {
        let statuses = "{ OtherException: 404, MissingException: 200 }"
        let aws = "{ wires: [json], target: A, signing: a, message: m, statuses: \(statuses) }"
        #expect(
            diagnostics(aws, http: nil) == [
                #"a.yaml:4: aws, statuses: the service has no error "OtherException""#,
                #"a.yaml:4: aws, statuses: "MissingException" is a status from 401 to 599; others are 400"#,
            ])
    }

    @Test("Names in a path are strings that the request requires, and the query has strings and integers")
    func places() {
        #expect(
            diagnostics(rest, http: "GET /a/{n}")
                == [#"a.yaml:11: operation Get: "http" names "n", which is no string that the request requires"#])
        #expect(
            diagnostics(rest, http: "HEAD /a").contains(
                #"a.yaml:11: operation Get: "http" is one of GET, PUT, POST, DELETE, and a path"#))
        #expect(
            diagnostics(rest, http: "GET /a", request: "{ d: { type: double, doc: D. } }")
                == [#"a.yaml:11: operation Get: "d" would be in the query, where strings and integers are supported"#])
    }

    @Test("A name is a time in all members or in none")
    func times() {
        #expect(
            diagnostics(json, http: nil, request: "{ t: { type: integer, doc: T. } }")
                == ["a.yaml:12: member t is a time elsewhere: with \"aws\", a name is a time everywhere or nowhere"])
    }
}
