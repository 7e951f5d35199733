import JoblineBackend
import JoblineProtocol
import SystemPackage
import TestSupport
import Testing

@testable import JoblineEmbedded

@Suite("Inputs of matching jobs", .timeLimit(.minutes(1)))
struct MatchingInputTests {
    @Test(
        "A schema is UTF-8 JSON with fields, with or without a byte order mark; any other fails the job with its name",
        arguments: [
            (nil, "the schema people does not exist: its file is "),
            (Array("\u{FEFF}\(Bench.peopleSchema)\r\n".utf8), nil),
            ([0xFF, 0xFE, 0x7B, 0, 0x7D, 0], "the schema people is UTF-16 or binary: save its file as UTF-8"),
            ([0xFE, 0xFF, 0, 0x7B, 0, 0x7D], "the schema people is UTF-16 or binary: save its file as UTF-8"),
            ([0x7B, 0, 0x7D, 0], "the schema people is UTF-16 or binary: save its file as UTF-8"),
            (
                Array(#"{"mappedInputFields":[{"fieldName":"caf"#.utf8) + [0xE9] + Array(#"","type":"NAME"}]}"#.utf8),
                "the schema people is not UTF-8: save its file as UTF-8"
            ),
            (Array("{\"mappedInputFields\": [,]}".utf8), "the schema people is not JSON: "),
            ([], "the schema people is not JSON: "),
            (Array("\u{FEFF}\u{FEFF}{}".utf8), "the schema people is not JSON: "),
            (Array("[]".utf8), "the schema people is not a schema mapping: expected an object"),
            (Array("{}".utf8), "the schema people is not a schema mapping: mappedInputFields: is required"),
            (
                Array(#"{"mappedInputFields": []}"#.utf8),
                "the schema people is not a schema mapping: mappedInputFields: has no field"
            ),
            (
                Array(#"{"mappedInputFields": [{"type": "NAME"}]}"#.utf8),
                "the schema people is not a schema mapping: mappedInputFields[0].fieldName: is required"
            ),
        ] as [([UInt8]?, String?)])
    func schema(_ content: [UInt8]?, _ message: String?) async throws {
        let bench = try Bench.matching("cat > success/stdin")
        try content.map { try bench.sandbox.write($0, to: "state/schemas/people.json") }
        if content == nil { try DirectoryHandle(bench.sandbox.state.appending("schemas")).removeTree("people.json") }
        try await bench.run { backend in
            try await bench.createMatchingWorkflows(backend, "people")
            let id = try await bench.startMatchingJob(backend, "people")
            let job = try await bench.endedMatchingJob(backend, "people", id)
            guard let message else {
                #expect(job.status == .succeeded, "\(job.errorDetails?.errorMessage ?? "")")
                let told = bench.sandbox.read("state/buckets/matches/people/\(id)/success/stdin")
                #expect(told?.contains(#""schema":\#(Bench.peopleSchema)"#) == true)
                return
            }
            #expect(job.status == .failed)
            let told = job.errorDetails?.errorMessage ?? ""
            #expect(told.hasPrefix(message), "\(told)")
            if content == nil { #expect(told.hasSuffix("/state/schemas/people.json"), "\(told)") }
        }
    }

    @Test("A table without content fails the job with its name", arguments: [[], ["part.csv"], ["a/b.csv", "c.csv"]])
    func emptyTable(_ files: [String]) async throws {
        let bench = try Bench.matching("touch ../../../../ran")
        try DirectoryHandle(bench.sandbox.state.appending("tables/crm/people")).removeTree("part.csv")
        for file in files { try bench.sandbox.write("", to: "state/tables/crm/people/\(file)") }
        try await bench.run { backend in
            try await bench.createMatchingWorkflows(backend, "people")
            let job = try await bench.endedMatchingJob(
                backend, "people", try await bench.startMatchingJob(backend, "people"))
            #expect(job.status == .failed)
            #expect(job.errorDetails?.errorMessage == "\(Bench.people) has no content")
        }
        #expect(!bench.sandbox.exists("ran"))
    }

    @Test("A missing table fails the job")
    func noTable() async throws {
        let bench = try Bench.matching()
        try await bench.run { backend in
            _ = try await backend.entityResolution.createMatchingWorkflow(
                bench.matchingWorkflow("x", table: "arn:aws:glue:eu-central-1:123456789012:table/crm/orders"),
                context: bench.context)
            let job = try await bench.endedMatchingJob(backend, "x", try await bench.startMatchingJob(backend, "x"))
            #expect(
                job.errorDetails?.errorMessage
                    == "arn:aws:glue:eu-central-1:123456789012:table/crm/orders does not exist")
        }
    }
}
