import Foundation
import Jobline
import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("Messages in Swift's coders")
struct MessageCodingTests {
    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func read<Value: Decodable>(_ json: String, _ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    @Test("A reference, with the names of the wire")
    func reference() throws {
        let reference = JobReference.matching(workflow: "people", jobID: "5f0c")
        let json = try Self.json(reference)
        #expect(json == #"{"family":"Matching","id":"5f0c","workflow":"people"}"#)
        #expect(try Self.read(json) == reference)
    }

    @Test("A request, with the names of its service")
    func request() throws {
        let request = ComprehendMedical.StartJobRequest(
            inputDataConfig: .init(s3Bucket: "notes", s3Key: "june/"), outputDataConfig: .init(s3Bucket: "results"),
            dataAccessRoleARN: "arn:aws:iam::000000000000:role/r", languageCode: .en, clientRequestToken: "t")
        let json = try Self.json(request)
        #expect(
            json == #"{"ClientRequestToken":"t","DataAccessRoleArn":"arn:aws:iam::000000000000:role/r","#
                + #""InputDataConfig":{"S3Bucket":"notes","S3Key":"june/"},"LanguageCode":"en","#
                + #""OutputDataConfig":{"S3Bucket":"results"}}"#)
        #expect(try Self.read(json) == request)
    }

    @Test("Codable output equals the wire format, including lists, maps and documents")
    func likeTheWire() throws {
        let techniques = EntityResolution.ResolutionTechniques(
            resolutionType: .provider,
            providerProperties: .init(
                providerServiceARN: "arn:aws:entityresolution:us-east-1::providerservice/a/b",
                providerConfiguration: JSONDocument(#"{"a":[1,2.5,"x",null,true,{"b":{}}],"c":-3}"#)))
        try Self.check(
            EntityResolution.CreateMatchingWorkflowRequest(
                workflowName: "people",
                inputSourceConfig: [.init(inputSourceARN: "arn:aws:glue:us-east-1:0:table/a/b", schemaName: "s")],
                outputSourceConfig: [.init(output: [.init(name: "n", hashed: true)], outputS3Path: "s3://out/")],
                resolutionTechniques: techniques, roleARN: "r", tags: ["team": "crm"]))
        try Self.check(
            EntityResolution.GetIdMappingJobResponse(
                jobID: "5f0c", status: .running, startTime: Timestamp(milliseconds: 1_718_000_000_250)))
        try Self.check(
            Sidecar.FaultInfo(
                name: "n", methods: "*", share: 0.25, seed: 7, effect: "e", calls: 1 << 40, hits: 0))
        try Self.check(Sidecar.GetInfoRequest())
    }

    private static func check<Message: Codable & JSONCodable & Equatable>(_ message: Message) throws {
        let json = try json(message)
        #expect(try Message(json: ByteBuffer(string: json)) == message)
        #expect(try read(String(buffer: message.json())) == message)
    }

    @Test("Unknown enumeration values are kept")
    func unknownValues() throws {
        let state: [JobState] = try Self.read(#"["running","hibernating"]"#)
        #expect(state == [.running, JobState(rawValue: "hibernating")])
        #expect(try Self.json(state) == #"["running","hibernating"]"#)
        let reference: JobReference = try Self.read(#"{"family":"Divination","id":"1","colour":"blue"}"#)
        #expect(try Self.json(reference) == #"{"family":"Divination","id":"1"}"#)
    }

    @Test("Null counts as an absent member, and the error names a missing one")
    func absentMembers() throws {
        let reference: JobReference = try Self.read(#"{"family":"RxNormInference","id":"1","workflow":null}"#)
        #expect(reference.workflow == nil)
        let error = #expect(throws: DecodingError.self) {
            try Self.read(#"{"family":"RxNormInference"}"#, JobReference.self)
        }
        guard case .keyNotFound(let key, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(key.stringValue == "id")
    }

    @Test("Messages can be coded in formats other than JSON")
    func propertyList() throws {
        let reference = JobReference.batchSegment(arn: "arn:aws:personalize:us-east-1:0:batch-segment-job/june")
        let data = try PropertyListEncoder().encode([reference])
        #expect(try PropertyListDecoder().decode([JobReference].self, from: data) == [reference])
    }

    @Test("A document deeper than the wire allows is refused")
    func deepDocument() throws {
        let depth = 60
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(try Self.read(text, JSONDocument.self).string == text)
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(throws: DecodingError.self) { try Self.read(deep, JSONDocument.self) }
    }
}
