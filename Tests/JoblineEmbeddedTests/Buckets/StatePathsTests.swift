import Glibc
import JoblineProtocol
import SystemPackage
import Testing

@testable import JoblineEmbedded

@Suite("Places below the state directory")
struct StatePathsTests {
    private let sandbox: Sandbox
    private let state: StateDirectory
    private let paths: StatePaths

    init() throws {
        sandbox = try Sandbox()
        state = try StateDirectory(sandbox.state)
        paths = StatePaths(state)
        try sandbox.write("secret", to: "outside/secret.txt")
        try sandbox.write("note", to: "state/buckets/notes/june/a.txt")
    }

    private func link(_ target: String, at name: String) {
        symlink(target, sandbox.path.appending(FilePath(name).components).string)
    }

    private func code(_ body: () throws -> Void) -> PathError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? PathError)?.code
        }
    }

    @Test("Files and folders are found")
    func found() throws {
        #expect(
            try paths.input(ObjectLocation(uri: "s3://notes/june/"))
                == state.buckets.appending("notes").appending("june"))
        #expect(try paths.input(ObjectLocation(uri: "s3://notes/june/a.txt")).lastComponent == "a.txt")
    }

    @Test("What is not there is missing")
    func missing() {
        #expect(code { _ = try paths.input(ObjectLocation(uri: "s3://notes/july")) } == .missing)
        #expect(code { _ = try paths.input(ObjectLocation(uri: "s3://notes/june/a.txt/b")) } == .missing)
    }

    @Test("Links that lead out of the bucket are refused, links that stay are followed")
    func links() throws {
        link("../../../../outside", at: "state/buckets/notes/june/escape")
        try sandbox.write("theirs", to: "state/buckets/other/b.txt")
        link("../other", at: "state/buckets/notes/other")
        link("june", at: "state/buckets/notes/alias")
        #expect(code { _ = try paths.input(ObjectLocation(uri: "s3://notes/june/escape/secret.txt")) } == .outside)
        #expect(code { _ = try paths.input(ObjectLocation(uri: "s3://notes/other/b.txt")) } == .outside)
        #expect(try paths.input(ObjectLocation(uri: "s3://notes/alias/a.txt")).lastComponent == "a.txt")
    }

    @Test("A bucket or database may be the operator's own link to another place, which nothing leads out of either")
    func operatorLinks() throws {
        try sandbox.write("theirs", to: "disk/notes/b.txt")
        try sandbox.write("id\n", to: "disk/crm/people/part.csv")
        link(sandbox.path.appending("disk/notes").string, at: "state/buckets/linked")
        link("../../disk/crm", at: "state/tables/crm")
        link(sandbox.path.appending("outside").string, at: "disk/notes/escape")
        let notes = sandbox.path.appending("disk/notes")
        #expect(try paths.input(ObjectLocation(uri: "s3://linked/b.txt")) == notes.appending("b.txt"))
        #expect(code { _ = try paths.input(ObjectLocation(uri: "s3://linked/escape/secret.txt")) } == .outside)
        _ = try paths.output(ObjectLocation(uri: "s3://linked/out/deep"))
        #expect(sandbox.exists("disk/notes/out/deep"))
        #expect(code { _ = try paths.output(ObjectLocation(uri: "s3://linked/escape/x")) } == .unusable)
        let table = try paths.table("arn:aws:glue:eu-central-1:123456789012:table/crm/people")
        #expect(table == sandbox.path.appending("disk/crm/people"))
        link("nowhere", at: "state/buckets/broken")
        #expect(code { _ = try paths.input(ObjectLocation(uri: "s3://broken/x")) } == .missing)
        #expect(code { _ = try paths.output(ObjectLocation(uri: "s3://broken/x")) } == .missing)
    }

    @Test("The link of another user in a bucket's place is refused by its path and owner", .enabled(if: geteuid() == 0))
    func othersLinks() throws {
        link(sandbox.path.appending("outside").string, at: "state/buckets/escape")
        lchown(sandbox.path.appending("state/buckets/escape").string, 54321, 54321)
        for body in [
            { _ = try paths.input(ObjectLocation(uri: "s3://escape/secret.txt")) },
            { _ = try paths.output(ObjectLocation(uri: "s3://escape/x")) },
            { try paths.checkOutput(ObjectLocation(uri: "s3://escape/x")) },
        ] {
            let error = #expect(throws: PathError.self) { try body() }
            #expect(error?.code == .outside)
            #expect(
                error?.message == "\(state.buckets)/escape is a symbolic link of the user 54321: "
                    + "only root and root may link a bucket or database to another place")
        }
        #expect(!sandbox.exists("outside/x"))
    }

    @Test("All folders of the state directory may be links of the operator")
    func linkedState() throws {
        for name in ["buckets", "tables", "schemas", "work"] {
            mkdir(sandbox.path.appending("disk-\(name)").string, 0o755)
            try sandbox.write("", to: "second/x")
            link(sandbox.path.appending("disk-\(name)").string, at: "second/\(name)")
        }
        try sandbox.write("note", to: "disk-buckets/notes/a.txt")
        try sandbox.write(Bench.peopleSchema, to: "disk-schemas/people.json")
        let paths = StatePaths(try StateDirectory(sandbox.path.appending("second")))
        #expect(try paths.input(ObjectLocation(uri: "s3://notes/a.txt")).string.hasSuffix("/disk-buckets/notes/a.txt"))
        #expect(try paths.schema("people") != nil)
        _ = try paths.output(ObjectLocation(uri: "s3://results/x"))
        #expect(sandbox.exists("disk-buckets/results/x"))
    }

    @Test("Names that the daemon gives to output on its way are refused")
    func reserved() {
        for uri in ["s3://.jobline-x/a", "s3://notes/.jobline-x", "s3://notes/a/.jobline-x/b"] {
            #expect(code { _ = try ObjectLocation(uri: uri) } == .name)
        }
        #expect(code { _ = try ObjectLocation(uri: "s3://notes/.joblines") } == nil)
    }

    @Test("A place that output cannot be put into is told before, by its path, and nothing is made")
    func checkOutput() throws {
        try paths.checkOutput(ObjectLocation(uri: "s3://results/june/x"))
        #expect(!sandbox.exists("state/buckets/results"))
        let error = #expect(throws: PathError.self) {
            try paths.checkOutput(ObjectLocation(uri: "s3://notes/june/a.txt/x"))
        }
        #expect(
            error?.message
                == "s3://notes/june/a.txt/x cannot be written: \(state.buckets)/notes/june/a.txt: Not a directory")
        link("june", at: "state/buckets/notes/alias")
        let link = #expect(throws: PathError.self) { try paths.checkOutput(ObjectLocation(uri: "s3://notes/alias")) }
        #expect(
            link?.message == "s3://notes/alias cannot be written: \(state.buckets)/notes/alias is a symbolic link, "
                + "and only a bucket may be one")
    }

    @Test("What is neither a file nor a folder is refused: nobody waits for the other end of a pipe")
    func pipes() throws {
        _ = try sandbox.pipe("state/buckets/notes/pipe")
        _ = try sandbox.pipe("state/schemas/persons.json")
        #expect(code { _ = try paths.input(ObjectLocation(uri: "s3://notes/pipe")) } == .unusable)
        #expect(code { _ = try paths.schema("persons") } == .unusable)
    }

    @Test("Output is not written through links in a bucket")
    func outputLinks() throws {
        link(sandbox.path.appending("outside").string, at: "state/buckets/notes/escape")
        link("june", at: "state/buckets/notes/alias")
        for uri in ["s3://notes/escape", "s3://notes/escape/deeper", "s3://notes/alias/x"] {
            #expect(code { _ = try paths.output(ObjectLocation(uri: uri)) } == .unusable)
        }
        #expect(!sandbox.exists("outside/deeper"))
    }

    @Test("Output directories are made")
    func output() throws {
        _ = try paths.output(ObjectLocation(uri: "s3://results/2025/june/"))
        #expect(sandbox.exists("state/buckets/results/2025/june"))
    }

    @Test("Glue tables")
    func tables() throws {
        try sandbox.write("id\n1\n", to: "state/tables/crm/people/part.csv")
        let head = "arn:aws:glue:eu-central-1:123456789012"
        #expect(try paths.table("\(head):table/crm/people") == state.tables.appending("crm").appending("people"))
        #expect(code { _ = try paths.table("\(head):table/crm/orders") } == .missing)
        for arn in [
            "\(head):table/../people", "\(head):table/crm", "\(head):table/crm/people/x", "\(head):table//people",
            "arn:aws:entityresolution:eu-central-1:123456789012:idnamespace/x", "",
        ] {
            #expect(code { _ = try paths.table(arn) } == .name, "\(arn)")
        }
    }

    @Test("Schemas")
    func schemas() throws {
        try sandbox.write(Bench.peopleSchema, to: "state/schemas/people.json")
        link("../../outside/secret.txt", at: "state/schemas/evil.json")
        #expect(try paths.schema("people")?.string == Bench.peopleSchema)
        #expect(code { _ = try paths.schema("orders") } == .missing)
        #expect(try StatePaths(state, suppliesInput: true).schema("orders") == nil)
        #expect(code { _ = try paths.schema("evil") } == .outside)
        #expect(code { _ = try paths.schema("../people") } == .name)
    }
}
