import ArgumentParser
import Testing

@testable import joblinectl

@Suite("Families")
struct FamilyTests {
    @Test("are named in any case", arguments: ["RxNormInference", "rxnorminference", "RXNORMINFERENCE"])
    func names(text: String) {
        #expect(FamilyArgument(argument: text)?.family.name == "RxNormInference")
        #expect(FamilyArgument(argument: text + "s") == nil)
    }

    @Test(
        "know which states are ends, however they are written",
        arguments: [
            ("RxNormInference", "SUBMITTED", Job.Standing.goingOn), ("RxNormInference", "STOP_REQUESTED", .goingOn),
            ("RxNormInference", "COMPLETED", .endedWell), ("RxNormInference", "PARTIAL_SUCCESS", .endedBadly),
            ("RxNormInference", "STOPPED", .endedBadly), ("RxNormInference", "ACTIVE", .goingOn),
            ("BatchSegment", "CREATE IN_PROGRESS", .goingOn), ("BatchSegment", "ACTIVE", .endedWell),
            ("BatchSegment", "CREATE FAILED", .endedBadly), ("BatchSegment", "CREATE_FAILED", .endedBadly),
            ("Matching", "QUEUED", .goingOn), ("Matching", "SUCCEEDED", .endedWell),
            ("Matching", "FAILED", .endedBadly), ("PHIDetection", "COMPLETED", .endedWell),
            ("ICD10CMInference", "FAILED", .endedBadly), ("BatchInference", "CREATE PENDING", .goingOn),
            ("IdMapping", "SUCCEEDED", .endedWell),
        ])
    func standing(name: String, state: String, standing: Job.Standing) throws {
        #expect(try family(name).standing(state) == standing)
    }

    @Test("are all nine, each under its own name")
    func all() {
        #expect(
            Families.all.map(\.name) == [
                "EntitiesDetectionV2", "PHIDetection", "RxNormInference", "ICD10CMInference", "SNOMEDCTInference",
                "BatchSegment", "BatchInference", "Matching", "IdMapping",
            ])
    }

    /// The family of a name.
    private func family(_ name: String) throws -> any JobFamily {
        try #require(FamilyArgument(argument: name)).family
    }

    @Test("a job of a workflow is named with it, other jobs are not")
    func references() throws {
        let matching = try family("Matching")
        #expect(try matching.reference("w/1", workflow: nil) == JobReference(id: "1", workflow: "w"))
        #expect(try matching.reference("1", workflow: "w") == JobReference(id: "1", workflow: "w"))
        for text in ["1", "/1", "w/", "w/1/2", ""] {
            #expect(throws: ValidationError.self) { try matching.reference(text, workflow: nil) }
        }
        let workflow = "arn:aws:entityresolution:us-east-1:000000000000:idmappingworkflow/w"
        #expect(
            try family("IdMapping").reference(workflow + "/1", workflow: nil)
                == JobReference(id: "1", workflow: workflow))
        #expect(throws: ValidationError.self) { try matching.reference(workflow, workflow: nil) }
        let segment = try family("BatchSegment")
        let arn = "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/n"
        #expect(try segment.reference(arn, workflow: nil).id == arn)
        #expect(throws: ValidationError.self) { try segment.reference(arn, workflow: "w") }
    }

    @Test("every family's own example starts it")
    func examples() throws {
        for family in Families.all {
            let words = family.example.split(separator: " ").map(String.init)
            let command = try #require(try Joblinectl.parseAsRoot(["start"] + words) as? StartCommand)
            #expect(command.family.family.name == family.name)
        }
    }

    @Test(
        "a start needs what its family needs, and nothing that would be passed over",
        arguments: [
            ["Matching"], ["Matching", "w", "--input", "s3://a/"], ["RxNormInference", "--input", "s3://a/"],
            ["RxNormInference", "w", "--input", "s3://a/", "--output", "s3://b/"],
            ["BatchSegment", "--input", "s3://a/", "--output", "s3://b/"],
            ["BatchSegment", "--name", "n", "--input", "s3://a/", "--output", "s3://b/", "--token", "t"],
            ["BatchSegment", "--name", "n", "--input", "s3://a/", "--output", "s3://b/", "--num-results", "x"],
            ["RxNormInference", "--input", "s3://a/", "--output", "s3://b/", "--timeout", "0"],
            ["PHIDetection", "--input", "s3://a/", "--output", "s3://b/", "--job-type", "BATCH"],
            ["BatchInference", "w", "--name", "n", "--input", "s3://a/", "--output", "s3://b/"], ["IdMapping"],
            ["Matching", "w", "--output", "s3://a/"], ["IdMapping", "w", "--input", "s3://a/"],
        ])
    func startArguments(words: [String]) {
        #expect(throws: (any Error).self) { try Joblinectl.parseAsRoot(["start"] + words) }
    }

    @Test(
        "a list takes the filters that its service has, one at a time",
        arguments: [
            (["RxNormInference", "--name", "a", "--after", "1"], "takes only one at a time of --name, --status"),
            (["RxNormInference", "--status", "FAILED", "--before", "1"], "takes only one at a time"),
            (["RxNormInference", "--solution", "arn"], "RxNormInference has no --solution"),
            (["BatchSegment", "--name", "a"], "BatchSegment has no --name"),
            (["Matching", "--workflow", "w", "--before", "1"], "Matching has no --before"),
            (["BatchInference", "--workflow", "w"], "BatchInference has no --workflow"),
            (["IdMapping"], "IdMapping needs --workflow"),
            (["RxNormInference", "--before", "yesterday"], "expected a time such as"),
        ])
    func listFilters(words: [String], message: String) throws {
        let error = #expect(throws: (any Error).self) { try Joblinectl.parseAsRoot(["list"] + words) }
        let text = Joblinectl.fullMessage(for: try #require(error))
        #expect(text.contains(message), "\(text)")
    }

    @Test(
        "a state is kept here where the service has no filter for it, beside the filter that it has",
        arguments: [
            ["BatchSegment", "--status", "ACTIVE", "--solution", "arn"],
            ["Matching", "--workflow", "w", "--status", "x"],
        ])
    func ownFilter(words: [String]) throws {
        #expect(try Joblinectl.parseAsRoot(["list"] + words) is ListCommand)
    }

    @Test("places are s3://BUCKET/KEY")
    func places() throws {
        let whole = try S3Location("s3://notes/2026/jan", for: .input)
        #expect(whole.bucket == "notes")
        #expect(whole.key == "2026/jan")
        #expect(try S3Location("s3://notes/", for: .input).key == nil)
        #expect(try S3Location("s3://notes", for: .input).bucket == "notes")
        for text in ["notes", "s3:/notes", "s3://", "s3:///key", "/notes"] {
            #expect(throws: ValidationError.self) { try S3Location(text, for: .input) }
        }
        #expect(S3Location.text(bucket: "b", key: "k/") == "s3://b/k/")
        #expect(S3Location.text(bucket: nil, key: "k") == nil)
    }
}
