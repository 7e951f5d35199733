import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("Generated messages")
struct MessageTests {
    private func read<Message: JSONDecodable>(_ json: String, as type: Message.Type = Message.self) throws(JSONError)
        -> Message
    {
        try Message(json: ByteBuffer(string: json))
    }

    private func written(_ message: some JSONEncodable) -> String { String(buffer: message.json()) }

    @Test(
        "A message round-trips",
        arguments: [
            #"{"InputDataConfig":{"S3Bucket":"notes","S3Key":"in/"},"OutputDataConfig":{"S3Bucket":"results"},"#
                + #""DataAccessRoleArn":"arn:aws:iam::123456789012:role/reader","LanguageCode":"en","JobName":"Ward 7 ü","#
                + #""ClientRequestToken":"t-1","KMSKey":"k"}"#
        ])
    func request(json: String) throws {
        let request = try read(json, as: ComprehendMedical.StartJobRequest.self)
        #expect(request.inputDataConfig.s3Key == "in/")
        #expect(request.outputDataConfig.s3Key == nil)
        #expect(request.languageCode == .en)
        #expect(request.jobName == "Ward 7 ü")
        #expect(written(request) == json)
    }

    @Test("Timestamps are seconds with milliseconds as fraction; lists contain messages")
    func response() throws {
        let json =
            #"{"ComprehendMedicalAsyncJobPropertiesList":[{"JobId":"1","JobStatus":"COMPLETED","SubmitTime":1767225600.123,"#
            + #""EndTime":1767225601},{"JobId":"2"}],"NextToken":"n"}"#
        let page = try read(json, as: ComprehendMedical.ListJobsResponse.self)
        #expect(page.jobPropertiesList?.map(\.jobID) == ["1", "2"])
        #expect(page.jobPropertiesList?.first?.submitTime == Timestamp(milliseconds: 1_767_225_600_123))
        #expect(page.jobPropertiesList?.first?.endTime == Timestamp(milliseconds: 1_767_225_601_000))
        #expect(page.jobPropertiesList?.first?.jobStatus == .completed)
        #expect(written(page) == json)
    }

    @Test("Maps, documents, booleans and lists of strings are decoded")
    func nested() throws {
        let json =
            #"{"workflowName":"people","inputSourceConfig":[{"inputSourceARN":"arn","schemaName":"s","applyNormalization":true}],"#
            + #""outputSourceConfig":[{"output":[{"name":"n","hashed":false}]}],"#
            + #""resolutionTechniques":{"resolutionType":"PROVIDER","#
            + #""ruleBasedProperties":{"rules":[{"ruleName":"r","matchingKeys":["a","b"]}],"attributeMatchingModel":"ONE_TO_ONE"},"#
            + #""providerProperties":{"providerServiceArn":"p","providerConfiguration":{"any":[1,null,{"thing":"x"}]}}},"#
            + #""roleArn":"role","tags":{"a":"1","b":"2"}}"#
        let workflow = try read(json, as: EntityResolution.CreateMatchingWorkflowRequest.self)
        #expect(workflow.tags == ["a": "1", "b": "2"])
        #expect(workflow.inputSourceConfig.first?.applyNormalization == true)
        #expect(workflow.resolutionTechniques.ruleBasedProperties?.rules.first?.matchingKeys == ["a", "b"])
        #expect(
            workflow.resolutionTechniques.providerProperties?.providerConfiguration?.string
                == #"{"any":[1,null,{"thing":"x"}]}"#)
        #expect(written(workflow) == json)
    }

    @Test("Doubles and integers are decoded")
    func numbers() throws {
        let json = #"{"scope":"client","key":"read","rate":0.5,"burst":20.0}"#
        let limit = try read(json, as: Sidecar.LimitInfo.self)
        #expect(limit == Sidecar.LimitInfo(scope: "client", key: "read", rate: 0.5, burst: 20))
        #expect(written(limit) == json)
        #expect(
            written(EntityResolution.JobMetrics(inputRecords: 0, matchIDs: 3)) == #"{"inputRecords":0,"matchIDs":3}"#)
    }

    @Test("Request ids are integers or strings", arguments: [#"{"id":7}"#, #"{"id":"7"}"#])
    func ids(json: String) throws {
        #expect(written(try read(json, as: RPC.CancelRequest.self)) == json)
    }

    @Test("Unknown enumeration values are kept")
    func unknownValue() throws {
        let json = #"{"status":"PAUSED BY OPERATOR"}"#
        let job = try read(json, as: Personalize.BatchSegmentJobSummary.self)
        #expect(job.status?.isKnown == false)
        #expect(job.status?.rawValue == "PAUSED BY OPERATOR")
        #expect(written(job) == json)
        #expect(
            try read(#"{"status":"IN PROGRESS"}"#, as: Personalize.BatchSegmentJobSummary.self).status == .inProgress)
    }

    @Test("Unknown members are skipped")
    func unknownMember() throws {
        let request = try read(#"{"new":{"a":[1]},"JobId":"1"}"#, as: ComprehendMedical.DescribeJobRequest.self)
        #expect(request.jobID == "1")
    }

    @Test("Null counts as absent, and absent members are not written")
    func null() throws {
        let request = try read(#"{"Filter":null,"MaxResults":null}"#, as: ComprehendMedical.ListJobsRequest.self)
        #expect(request == ComprehendMedical.ListJobsRequest())
        #expect(written(request) == "{}")
    }

    @Test("An error names a required member that is absent or null", arguments: ["{}", #"{"workflowName":null}"#])
    func missing(json: String) {
        let error = #expect(throws: JSONError.self) {
            _ = try read(json, as: EntityResolution.StartMatchingJobRequest.self)
        }
        #expect(error?.code == .missing)
        #expect(error?.pathDescription == "workflowName")
    }

    @Test(
        "An error has the path of the invalid member",
        arguments: [
            (#"{"jobInput":{"s3DataSource":{}}}"#, "jobInput.s3DataSource.path"),
            (#"{"tags":[{"tagKey":"a","tagValue":"b"},{"tagKey":1}]}"#, "tags[1].tagKey"),
            (#"{"numResults":1.5}"#, "numResults"),
            (#"{"jobInput":[]}"#, "jobInput"),
        ])
    func path(json: String, path: String) {
        let error = #expect(throws: JSONError.self) {
            _ = try read(json, as: Personalize.CreateBatchSegmentJobRequest.self)
        }
        #expect(error?.pathDescription == path)
    }
}
