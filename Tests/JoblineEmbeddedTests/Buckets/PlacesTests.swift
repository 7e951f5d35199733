import Glibc
import JoblineProtocol
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("Places below the state directory")
struct PlacesTests {
    private let sandbox: Sandbox
    private let state: StateDirectory
    private let places: Places

    init() throws {
        sandbox = try Sandbox()
        state = try StateDirectory(sandbox.state)
        places = Places(state)
        try sandbox.write("secret", to: "outside/secret.txt")
        try sandbox.write("note", to: "state/buckets/notes/june/a.txt")
    }

    private func link(_ target: String, at name: String) {
        symlink(target, sandbox.path.appending(FilePath(name).components).string)
    }

    private func code(_ body: () throws -> Void) -> PlaceError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? PlaceError)?.code
        }
    }

    @Test("Files and folders are found")
    func found() throws {
        #expect(
            try places.input(ObjectLocation(uri: "s3://notes/june/"))
                == state.buckets.appending("notes").appending("june"))
        #expect(try places.input(ObjectLocation(uri: "s3://notes/june/a.txt")).lastComponent == "a.txt")
    }

    @Test("What is not there is missing")
    func missing() {
        #expect(code { _ = try places.input(ObjectLocation(uri: "s3://notes/july")) } == .missing)
        #expect(code { _ = try places.input(ObjectLocation(uri: "s3://notes/june/a.txt/b")) } == .missing)
    }

    @Test("Links that lead out of the bucket are refused, links that stay are followed")
    func links() throws {
        link("../../../../outside", at: "state/buckets/notes/june/escape")
        link(sandbox.path.appending("outside").string, at: "state/buckets/escape")
        try sandbox.write("theirs", to: "state/buckets/other/b.txt")
        link("../other", at: "state/buckets/notes/other")
        link("other", at: "state/buckets/another")
        link("june", at: "state/buckets/notes/alias")
        #expect(code { _ = try places.input(ObjectLocation(uri: "s3://notes/june/escape/secret.txt")) } == .outside)
        #expect(code { _ = try places.input(ObjectLocation(uri: "s3://escape/secret.txt")) } == .outside)
        #expect(code { _ = try places.input(ObjectLocation(uri: "s3://notes/other/b.txt")) } == .outside)
        #expect(code { _ = try places.input(ObjectLocation(uri: "s3://another/b.txt")) } == .outside)
        #expect(try places.input(ObjectLocation(uri: "s3://notes/alias/a.txt")).lastComponent == "a.txt")
    }

    @Test("What is neither a file nor a folder is refused: nobody waits for the other end of a pipe")
    func pipes() throws {
        _ = try sandbox.pipe("state/buckets/notes/pipe")
        _ = try sandbox.pipe("state/schemas/persons.json")
        #expect(code { _ = try places.input(ObjectLocation(uri: "s3://notes/pipe")) } == .unusable)
        #expect(code { _ = try places.schema("persons") } == .unusable)
    }

    @Test("Output is not written through links")
    func outputLinks() throws {
        link(sandbox.path.appending("outside").string, at: "state/buckets/escape")
        link("../notes", at: "state/buckets/results")
        for uri in ["s3://escape", "s3://escape/deeper", "s3://results/x"] {
            #expect(code { _ = try places.output(ObjectLocation(uri: uri)) } == .unusable)
        }
        #expect(!sandbox.exists("outside/deeper"))
    }

    @Test("Output directories are made")
    func output() throws {
        _ = try places.output(ObjectLocation(uri: "s3://results/2025/june/"))
        #expect(sandbox.exists("state/buckets/results/2025/june"))
    }

    @Test("Glue tables")
    func tables() throws {
        try sandbox.write("id\n1\n", to: "state/tables/crm/people/part.csv")
        let head = "arn:aws:glue:eu-central-1:123456789012"
        #expect(try places.table("\(head):table/crm/people") == state.tables.appending("crm").appending("people"))
        #expect(code { _ = try places.table("\(head):table/crm/orders") } == .missing)
        for arn in [
            "\(head):table/../people", "\(head):table/crm", "\(head):table/crm/people/x", "\(head):table//people",
            "arn:aws:entityresolution:eu-central-1:123456789012:idnamespace/x", "",
        ] {
            #expect(code { _ = try places.table(arn) } == .name, "\(arn)")
        }
    }

    @Test("Schemas")
    func schemas() throws {
        try sandbox.write(Bench.peopleSchema, to: "state/schemas/people.json")
        link("../../outside/secret.txt", at: "state/schemas/evil.json")
        #expect(try places.schema("people")?.string == Bench.peopleSchema)
        #expect(code { _ = try places.schema("orders") } == .missing)
        #expect(try Places(state, suppliesInput: true).schema("orders") == nil)
        #expect(code { _ = try places.schema("evil") } == .outside)
        #expect(code { _ = try places.schema("../people") } == .name)
    }
}
