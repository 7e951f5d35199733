import FoundationEssentials
import Testing

@testable import SpecCompiler

@Suite("OpenRPC document")
struct OpenRPCTests {
    /// Part of the document that the tests need.
    private struct Document: Decodable {
        struct Method: Decodable {
            struct Parameter: Decodable {
                let name: String
                let required: Bool?
                let token: Bool?

                enum CodingKeys: String, CodingKey {
                    case name, required
                    case token = "x-token"
                }
            }

            let name: String
            let params: [Parameter]
            let limit: String
            let retry: String
            let pages: [String: String]?

            enum CodingKeys: String, CodingKey {
                case name, params
                case limit = "x-limit"
                case retry = "x-retry"
                case pages = "x-pages"
            }
        }

        struct Schema: Decodable {
            let type: String?
            let pattern: String?
            let required: [String]?
            let properties: [String: Schema]?
            let sensitive: Bool?

            enum CodingKeys: String, CodingKey {
                case type, pattern, required, properties
                case sensitive = "x-sensitive"
            }
        }

        struct Failure: Decodable {
            let code: Int
        }

        struct Components: Decodable {
            let schemas: [String: Schema]
            let errors: [String: Failure]
        }

        let openrpc: String
        let methods: [Method]
        let components: Components
    }

    private func text(_ sources: [SourceFile] = [Fixture.library, Fixture.link]) -> String {
        OpenRPCDocument(Contract.parse(sources, diagnostics: Diagnostics())).value.indentedText
    }

    private func document() throws -> Document {
        try JSONDecoder().decode(Document.self, from: Data(text().utf8))
    }

    @Test("The document has every method of every family")
    func methods() throws {
        let document = try document()
        #expect(document.openrpc == "1.3.2")
        #expect(
            document.methods.map(\.name) == [
                "Library.LendBook", "Library.LendDVDSet", "Library.ListLoans", "link.ping", "link.drop", "link.dump",
            ])
    }

    @Test("A method has its parameters, limit, retry rule and pages")
    func method() throws {
        let document = try document()
        let lend = try #require(document.methods.first)
        #expect(lend.params.map(\.name) == ["ReaderId", "Days", "RequestToken", "Notes"])
        #expect(lend.params.map(\.required) == [true, nil, nil, nil])
        #expect(lend.params.map(\.token) == [nil, nil, true, nil])
        #expect(lend.limit == "write")
        #expect(lend.retry == "token")
        #expect(document.methods[2].pages == ["token": "Next", "limit": "Most", "items": "Loans"])
    }

    @Test("The document has the schemas of results and shapes, with sensitive members marked")
    func schemas() throws {
        let schemas = try document().components.schemas
        #expect(schemas["Library.LendResponse"]?.required == ["Due"])
        #expect(schemas["Library.Note"]?.properties?["Text"]?.sensitive == true)
        #expect(schemas["Library.Note"]?.properties?["Language"]?.sensitive == nil)
        #expect(schemas["Library.ReaderId"]?.pattern == "^(?:^[A-Z-]*$)$")
        #expect(schemas["Library.LoanState"]?.type == "string")
    }

    @Test("The document has all errors with their codes")
    func errors() throws {
        let errors = try document().components.errors
        #expect(
            errors.mapValues(\.code) == ["Library.invalid": 400, "Library.throttled": 429, "link.unavailable": 503])
    }

    @Test("Every reference in the document resolves")
    func references() throws {
        let text = text()
        let components = try document().components
        let names = Set(components.schemas.keys.map { "schemas/" + $0 } + components.errors.keys.map { "errors/" + $0 })
        let references = text.matches(of: /"#\/components\/([^"]+)"/).map { String($0.1) }
        #expect(references.count > 5)
        #expect(references.filter { !names.contains($0) } == [])
    }
}
