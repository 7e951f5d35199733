import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineAWS

@Suite("Messages of AWS in the wire's form")
struct AWSRouteMessageTests {
    private static func json(_ name: String) throws -> AWSRoute {
        try AWSRouter.route(AWSRequestHead("POST", "/", headers: [("X-Amz-Target", name)]))
    }

    private static func rest(_ verb: String, _ target: String) throws -> AWSRoute {
        try AWSRouter.route(AWSRequestHead(verb, target, headers: []))
    }

    private static func cbor(_ name: String) throws -> AWSRoute {
        try AWSRouter.route(
            AWSRequestHead(
                "POST", "/service/ComprehendMedical_20181030/operation/\(name)",
                headers: [("smithy-protocol", "rpc-v2-cbor")]))
    }

    private static func params(_ route: AWSRoute, _ body: String) throws(AWSRefusal) -> String {
        String(buffer: try route.params(ByteBuffer(string: body)))
    }

    private static let describe = "ComprehendMedical_20181030.DescribePHIDetectionJob"

    // MARK: Requests

    @Test("The parameters of a JSON request lose white space and nothing else")
    func jsonParams() throws {
        let route = try Self.json(Self.describe)
        #expect(
            try Self.params(route, "{ \"JobId\" :\t\"a b\",\n\"X\": [1, 2.50, {\"y\": null}] }")
                == #"{"JobId":"a b","X":[1,2.50,{"y":null}]}"#)
        #expect(try Self.params(route, "") == "{}")
    }

    @Test(
        "A body that is no JSON object is refused by its place",
        arguments: ["[]", "{", "1", "{\"a\":1}x", "{\"a\":1,\"a\":2}"])
    func invalidJSON(body: String) throws {
        let route = try Self.json(Self.describe)
        let error = #expect(throws: AWSRefusal.self) { try Self.params(route, body) }
        #expect(error?.status == 400 && error?.type == "SerializationException")
        #expect(error?.message.hasPrefix("the body is no JSON object: ") == true)
    }

    @Test("A REST request has parameters in path, query and body")
    func restParams() throws {
        let list = try Self.rest("GET", "/matchingworkflows/w%22/jobs?maxResults=5&nextToken=t")
        #expect(try Self.params(list, "ignored") == #"{"workflowName":"w\"","nextToken":"t","maxResults":5}"#)
        let update = try Self.rest("PUT", "/matchingworkflows/w")
        #expect(
            try Self.params(update, #"{ "roleArn": "r", "workflowName": "other" }"#)
                == #"{"workflowName":"w","roleArn":"r"}"#)
        #expect(try Self.params(Self.rest("POST", "/matchingworkflows/w/jobs"), "") == #"{"workflowName":"w"}"#)
        #expect(try Self.params(Self.rest("GET", "/idmappingworkflows"), "") == "{}")
    }

    @Test(
        "A query value that is no integer reaches validation as text",
        arguments: ["x", "1.5", "9223372036854775808", "-9223372036854775808", ""])
    func restIntegers(text: String) throws {
        #expect(
            try Self.params(Self.rest("GET", "/matchingworkflows?maxResults=\(text)"), "")
                == "{\"maxResults\":\"\(text)\"}")
    }

    @Test("A CBOR request becomes JSON, with times as seconds")
    func cborParams() throws {
        let route = try Self.cbor("ListPHIDetectionJobs")
        let json = #"{"Filter":{"SubmitTimeAfter":1700000000,"JobName":"n"},"MaxResults":5}"#
        let body = try CBORWriter.message(ByteBuffer(string: json), timeMembers: route.service.timeMembers)
        #expect(String(buffer: try route.params(body)) == json)
        #expect(String(buffer: try route.params(ByteBuffer())) == "{}")
    }

    // MARK: Responses

    @Test("A result has status 200 and the content type of its wire")
    func results() throws {
        let result = ByteBuffer(string: #"{"JobId":"a"}"#)
        let json = try Self.json(Self.describe).response(result)
        #expect(json.status == 200 && json.body == result)
        #expect(json.fields == [AWSResponse.Field("Content-Type", "application/x-amz-json-1.1")])
        #expect(try Self.rest("GET", "/idmappingworkflows").response(result).fields[0].value == "application/json")
        let cbor = try Self.cbor("DescribePHIDetectionJob").response(ByteBuffer(string: #"{"SubmitTime":1.5}"#))
        #expect(cbor.fields.map(\.value) == ["application/cbor", "rpc-v2-cbor"])
        #expect(Array(cbor.body.readableBytesView.dropFirst(12).prefix(2)) == [0xC1, 0xFB])
    }

    @Test("An error has the type, status and member of its service")
    func errors() throws {
        let error = WireError(.notFound, "no job a", type: "ResourceNotFoundException")
        let medical = try Self.json(Self.describe).response(error)
        #expect(medical.status == 404)
        #expect(String(buffer: medical.body) == #"{"__type":"ResourceNotFoundException","Message":"no job a"}"#)
        #expect(medical.fields.contains(AWSResponse.Field("x-amzn-ErrorType", "ResourceNotFoundException")))
        let personalize = try Self.json("AmazonPersonalize.DescribeBatchSegmentJob").response(error)
        #expect(personalize.status == 400)
        #expect(String(buffer: personalize.body) == #"{"__type":"ResourceNotFoundException","message":"no job a"}"#)
        let rest = try Self.rest("GET", "/matchingworkflows/w").response(error)
        #expect(rest.status == 404)
        #expect(String(buffer: rest.body) == #"{"message":"no job a"}"#)
        let cbor = try Self.cbor("DescribePHIDetectionJob").response(error)
        let map = try CBORReader.json(of: cbor.body).finish()
        #expect(String(buffer: map) == #"{"__type":"ResourceNotFoundException","Message":"no job a"}"#)
    }

    @Test(
        "A throttled request has the exact wait, and whole seconds up to 20",
        arguments: [(0, "0"), (1, "1"), (1500, "2"), (60_000, "20")])
    func throttling(milliseconds: Int, seconds: String) throws {
        var error = WireError(.tooManyRequests, "too many", type: "TooManyRequestsException")
        error.retryAfterMilliseconds = milliseconds
        let response = try Self.json(Self.describe).response(error)
        #expect(response.status == 429)
        #expect(response.fields.contains(AWSResponse.Field("x-amz-retry-after", "\(milliseconds)")))
        #expect(response.fields.contains(AWSResponse.Field("Retry-After", seconds)))
    }

    @Test("A quota error names its quota")
    func quotas() throws {
        var error = WireError(.conflict, "full", type: "ExceedsLimitException")
        error.quotaName = "workflows"
        error.quotaValue = 10
        let response = try Self.rest("POST", "/matchingworkflows").response(error)
        #expect(response.status == 402)
        #expect(String(buffer: response.body) == #"{"message":"full","quotaName":"workflows","quotaValue":10}"#)
    }

    @Test(
        "An error without a type has the service's type for its code",
        arguments: [
            (WireError.Code.parseError, "SerializationException", 400), (.invalidParams, "ValidationException", 400),
            (.forbidden, "AccessDeniedException", 403), (.tooManyRequests, "ThrottlingException", 429),
            (.unavailable, "ServiceUnavailableException", 503), (.deadlineExceeded, "ServiceUnavailableException", 503),
            (.internalError, "InternalServerException", 500), (.cancelled, "InternalServerException", 500),
            (WireError.Code(rawValue: 999), "InternalServerException", 500),
        ])
    func types(code: WireError.Code, type: String, status: Int) throws {
        let response = try Self.rest("GET", "/matchingworkflows/w").response(WireError(code, "text"))
        #expect(response.status == status)
        #expect(response.fields.contains(AWSResponse.Field("x-amzn-ErrorType", type)))
    }
}
