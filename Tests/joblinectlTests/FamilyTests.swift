import ArgumentParser
import Jobline
import Testing

@testable import joblinectl

@Suite("Families")
struct FamilyTests {
    @Test("Names of families ignore case", arguments: ["RxNormInference", "rxnorminference", "RXNORMINFERENCE"])
    func names(text: String) throws {
        #expect(try Family(argument: text).name == "RxNormInference")
        #expect(throws: ValidationError.self) { try Family(argument: text + "s") }
    }

    @Test("A misspelt family is refused with a suggestion")
    func misspelt() {
        for words in [["start", "RxNormInfrence"], ["list", "RxNom"], ["wait", "RxNormInferense/1f"]] {
            let error = #expect(throws: (any Error).self) { try Joblinectl.parseAsRoot(words) }
            let text = error.map { Joblinectl.fullMessage(for: $0) } ?? ""
            #expect(text.contains("did you mean RxNormInference?"), "\(text)")
        }
    }

    @Test("A misspelt command is refused with a suggestion")
    func commands() {
        #expect(Joblinectl.unknownCommand(in: ["lst", "all"]) == "'lst' is not a command; did you mean list?")
        #expect(Joblinectl.unknownCommand(in: ["help", "strat"]) == "'strat' is not a command; did you mean start?")
        #expect(Joblinectl.unknownCommand(in: ["xyz"])?.contains("joblinectl --help") == true)
        for words in [[], ["list", "lst"], ["help"], ["help", "list"], ["--help"], ["--version"]] {
            #expect(Joblinectl.unknownCommand(in: words) == nil)
        }
    }

    @Test("All nine families have different names")
    func all() {
        #expect(
            Family.all.map(\.name) == [
                "EntitiesDetectionV2", "PHIDetection", "RxNormInference", "ICD10CMInference", "SNOMEDCTInference",
                "BatchSegment", "BatchInference", "Matching", "IdMapping",
            ])
    }

    @Test("The reference of a job contains its workflow, if it has one")
    func references() throws {
        #expect(try JobReference.read(["matching", "w/1"]) == [.matching(workflow: "w", jobID: "1")])
        #expect(try JobReference.read(["Matching", "1"], workflow: "w") == [.matching(workflow: "w", jobID: "1")])
        for text in ["1", "/1", "w/", ""] {
            #expect(throws: ValidationError.self) { try JobReference.read(["Matching", text]) }
        }
        let workflow = "arn:aws:entityresolution:us-east-1:000000000000:idmappingworkflow/w"
        #expect(
            try JobReference.read(["IdMapping", workflow + "/1"]) == [.idMapping(workflow: workflow, jobID: "1")])
        #expect(throws: ValidationError.self) { try JobReference.read(["Matching", workflow]) }
        let arn = "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/n"
        #expect(try JobReference.read(["BatchSegment", arn]) == [.batchSegment(arn: arn)])
        #expect(throws: ValidationError.self) { try JobReference.read(["BatchSegment", arn], workflow: "w") }
    }

    @Test("References printed by start are accepted alone, with others, and after their family")
    func printedReferences() throws {
        let references: [JobReference] = [
            .comprehendMedical(.rxNormInference, "1f"), .matching(workflow: "people", jobID: "1f"),
            .idMapping(workflow: "arn:aws:entityresolution:us-east-1:000000000000:idmappingworkflow/w", jobID: "1f"),
            .batchSegment(arn: "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/n"),
            // A workflow with the name of its family.
            .matching(workflow: "Matching", jobID: "1f"),
        ]
        for reference in references {
            #expect(try JobReference.read([reference.description]) == [reference])
            #expect(try JobReference.read([reference.family.rawValue, reference.description]) == [reference])
            #expect(try JobReference.read([reference.family.rawValue, reference.argument]) == [reference])
            #expect(try JobReference.read([reference.fullName]).map(\.fullName) == [reference.fullName])
        }
        #expect(try JobReference.read(references.map(\.description)) == references)
        // An id contains no slash.
        #expect(throws: ValidationError.self) { try JobReference.read(["Matching", "a/1f"], workflow: "w") }
    }

    @Test("Jobs of several families have their family in their name, and repetitions are ignored")
    func fullReferences() throws {
        let arn = "arn:aws:personalize:us-east-1:000000000000:batch-inference-job/n"
        let read = try JobReference.read(["rxnorminference/1f", "Matching/w/1", arn, "RxNormInference/1f"])
        #expect(
            read == [
                .comprehendMedical(.rxNormInference, "1f"), .matching(workflow: "w", jobID: "1"),
                .batchInference(arn: arn),
            ])
        #expect(read.map(\.argument) == ["1f", "w/1", arn])
        #expect(read.map(read.displayNames) == ["RxNormInference/1f", "Matching/w/1", "BatchInference/n"])
        #expect(read.prefix(1).map(read.prefix(1).displayNames) == ["1f"])
        for words in [
            ["1f"], ["RxNorm/1f"], ["RxNormInference"], ["RxNormInference/"], ["RxNormInference/1", "2"], [],
        ] {
            #expect(throws: (any Error).self, "\(words)") { try Joblinectl.parseAsRoot(["wait"] + words) }
        }
        #expect(throws: ValidationError.self) { try JobReference.read(["Matching/1"], workflow: "w") }
    }

    @Test("The example of each family starts a job of it")
    func examples() throws {
        for family in Family.all {
            let words = family.example.split(separator: " ").map(String.init)
            let command = try #require(try Joblinectl.parseAsRoot(["start"] + words) as? StartCommand)
            #expect(command.familyName == family.name)
        }
    }

    @Test(
        "Missing and unsupported arguments of a start are refused",
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
        "Conditions that jobs of the family cannot meet are refused",
        arguments: [
            (["RxNormInference", "--solution", "arn"], "--solution is not supported for RxNormInference"),
            (["Matching", "--workflow", "w", "--name", "a"], "--name is not supported for Matching"),
            (["BatchInference", "--workflow", "w"], "--workflow is not supported for BatchInference"),
            (["Matching", "RxNorm"], "'RxNorm' is not a family; did you mean RxNormInference?"),
            (["all", "--name", "a", "--workflow", "w"], "no family has jobs that meet all conditions"),
            (
                ["BatchSegment", "--status", "BOGUS"],
                "'BOGUS' is not a state of BatchSegment; known states are queued, running"
            ),
            (["BatchSegment", "--status", "COMPLETED"], "'COMPLETED' is not a state of BatchSegment"),
            (["Matching", "--status", "RUNING"], "did you mean"),
            (["all", "--status", "BOGUS"], "'BOGUS' is not a state of any of these families; known states are queued"),
            (["RxNormInference", "--status", "gone"], "'gone' is not a state"),
            (["RxNormInference", "--output", "yaml"], "The value 'yaml' is invalid for '--output <table|json>'"),
            (["RxNormInference", "--json", "--output", "table"], "contradict each other"),
            (["RxNormInference", "--before", "yesterday"], "expected a time such as"),
            (["RxNormInference", "--limit", "0"], "--limit must be at least 1"),
            (["RxNormInference", "--limit", "9223372036854775808"], "--limit"),
        ])
    func listConditions(words: [String], message: String) throws {
        let error = #expect(throws: (any Error).self) { try Joblinectl.parseAsRoot(["list"] + words) }
        let text = Joblinectl.fullMessage(for: try #require(error))
        #expect(text.contains(message), "\(text)")
    }

    @Test(
        "Conditions of a list can be combined",
        arguments: [
            ["RxNormInference", "--name", "a", "--after", "1h", "--status", "FAILED", "--before", "30m"],
            ["BatchSegment", "--status", "ACTIVE", "--solution", "arn", "--name", "a", "--after", "2026-11-30"],
            ["Matching", "--workflow", "w", "--status", "failed", "--before", "1"], ["IdMapping"],
            ["all", "--status", "FAILED", "--after", "2d"], ["all", "--name", "a"], ["all", "--workflow", "w"],
            ["all", "--status", "create_failed"], ["RxNormInference", "--limit", "9223372036854775807"],
            ["BatchSegment", "-o", "JSON"], ["Matching", "IdMapping", "--output", "table"],
        ])
    func combinedConditions(words: [String]) throws {
        #expect(try Joblinectl.parseAsRoot(["list"] + words) is ListCommand)
    }

    @Test("Locations have the form s3://BUCKET/KEY")
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
