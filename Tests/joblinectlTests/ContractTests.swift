import Jobline
import Testing

@testable import joblinectl

@Suite("Warnings about parameters")
struct ContractTests {
    private static func contract() throws -> Contract {
        let text = """
            {"methods":[{"name":"A.Make","params":[{"name":"Name","schema":{"type":"string"}},\
            {"name":"Rules","schema":{"type":"array","items":{"$ref":"#/components/schemas/A.Rule"}}},\
            {"name":"Options","schema":{"type":"object","additionalProperties":{"$ref":"#/components/schemas/A.Rule"}}},\
            {"name":"Filter","schema":{"allOf":[{"$ref":"#/components/schemas/A.Rule"}]}},\
            {"name":"Anything","schema":{}},{"name":"Circle","schema":{"$ref":"#/components/schemas/A.Circle"}}]}],\
            "components":{"schemas":{"A.Rule":{"type":"object","properties":{"keys":{"type":"array"},"next":\
            {"$ref":"#/components/schemas/A.Rule"}}},"A.Circle":{"$ref":"#/components/schemas/A.Circle"}}}}
            """
        return try #require(JSONDocument(text).flatMap(Contract.init))
    }

    private static func warnings(_ json: String, for method: String = "A.Make") throws -> [String] {
        let parameters = try #require(JSONDocument(json).flatMap(JSONNode.init))
        return try contract().warnings(of: parameters, for: method)
    }

    @Test(
        "Unknown members are reported at any depth",
        arguments: [
            (#"{"Nme":1}"#, ["A.Make has no parameter Nme; did you mean Name?"]),
            (
                #"{"xyz":1,"name":1}"#,
                ["A.Make has no parameter name; did you mean Name?", "A.Make has no parameter xyz"]
            ),
            (#"{"Rules":[{"kyes":[]},{"kyes":[]}]}"#, ["A.Make has no parameter Rules.kyes; did you mean keys?"]),
            (#"{"Options":{"o":{"key":[]}}}"#, ["A.Make has no parameter Options.o.key; did you mean keys?"]),
            (#"{"Filter":{"next":{"next":{"a":1}}}}"#, ["A.Make has no parameter Filter.next.next.a"]),
        ])
    func unknown(json: String, expected: [String]) throws {
        #expect(try Self.warnings(json) == expected)
    }

    @Test(
        "Known members, and parts without a description, are not reported",
        arguments: [
            "{}", #"{"Name":"n","Rules":[{"keys":[{"a":1}]}],"Filter":null}"#, #"{"Anything":{"a":{"b":[{"c":1}]}}}"#,
            #"{"Rules":1,"Options":[]}"#, #"{"Circle":{"a":1}}"#, "[1]",
        ])
    func known(json: String) throws {
        #expect(try Self.warnings(json).isEmpty)
        #expect(try Self.warnings(#"{"a":1}"#, for: "A.Other").isEmpty)
    }

    @Test("At most ten warnings are shown, and the others are counted")
    func many() throws {
        let members = (0..<30).map { "\"unknown\($0)\":1" }.joined(separator: ",")
        let warnings = try Self.warnings("{\(members)}")
        #expect(warnings.count == 11)
        #expect(warnings.last == "A.Make has no 20 more of these parameters")
    }
}
