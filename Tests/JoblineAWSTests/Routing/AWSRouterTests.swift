import JoblineProtocol
import Testing

@testable import JoblineAWS

@Suite("Routing of requests to operations")
struct AWSRouterTests {
    private static func json(_ target: String, verb: String = "POST", type: String? = "application/x-amz-json-1.1")
        -> AWSRequestHead
    {
        AWSRequestHead(
            verb, "/", headers: [("X-Amz-Target", target)] + (type.map { [("Content-Type", $0)] } ?? []))
    }

    private static func refusal(_ head: AWSRequestHead) -> AWSRefusal? {
        do {
            _ = try AWSRouter.route(head)
            return nil
        } catch {
            return error
        }
    }

    @Test("Every method of the services has one operation", arguments: AWSService.all)
    func operations(service: AWSService) {
        let expected = Method.allCases.filter { $0.descriptor.service == service.name }
        #expect(service.operations.map(\.method) == expected)
        for operation in service.operations {
            #expect(operation.method.rawValue == "\(service.name).\(operation.name)")
            #expect((operation.binding != nil) == service.wires.contains(.rest))
        }
    }

    @Test("JSON requests are routed by X-Amz-Target, whatever the path and the case of header names")
    func jsonTargets() throws {
        for service in AWSService.all where service.wires.contains(.json) {
            for operation in service.operations {
                let target = try #require(service.target) + "." + operation.name
                let head = AWSRequestHead("POST", "/any/path", headers: [("x-AMZ-target", target)])
                let route = try AWSRouter.route(head)
                #expect(route.method == operation.method && route.wire == .json)
            }
        }
    }

    @Test("CBOR requests are routed by the last four segments of the path")
    func cborPaths() throws {
        let service = try #require(AWSService.all.first { $0.wires.contains(.cbor) })
        for operation in service.operations {
            let path = "/prefix/service/ComprehendMedical_20181030/operation/\(operation.name)"
            let head = AWSRequestHead(
                "POST", path, headers: [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")])
            let route = try AWSRouter.route(head)
            #expect(route.method == operation.method && route.wire == .cbor)
        }
    }

    @Test("REST requests are routed by method and path, with the parameters of path and query")
    func restPaths() throws {
        for service in AWSService.all {
            for operation in service.operations {
                guard let binding = operation.binding else { continue }
                let path = binding.path.map { segment in
                    switch segment {
                    case .fixed(let text): "/" + text
                    case .member(let name): "/a-" + name
                    }
                }
                let route = try AWSRouter.route(AWSRequestHead(binding.verb, path.joined(), headers: []))
                #expect(route.method == operation.method && route.wire == .rest)
                let labels = binding.path.compactMap { if case .member(let name) = $0 { name } else { nil } }
                #expect(route.values == labels.map { AWSRoute.Value(name: $0, text: "a-" + $0) })
            }
        }
    }

    @Test("A slash in a value of the path is encoded, and values are decoded once")
    func encodedLabels() throws {
        let route = try AWSRouter.route(AWSRequestHead("GET", "/matchingworkflows/a%2Fb%2525%C3%A9", headers: []))
        #expect(route.values.map(\.text) == ["a/b%25é"])
        #expect(
            try AWSRouter.route(AWSRequestHead("GET", "/matchingworkflows/a+b", headers: [])).values[0].text == "a+b")
    }

    @Test("Values of the query are decoded, integers marked, and unknown names ignored")
    func queries() throws {
        let head = AWSRequestHead(
            "GET", "/matchingworkflows/w/jobs?x=1&maxResults=5&nextToken=a%2Bb+c%3D&y", headers: [])
        let route = try AWSRouter.route(head)
        #expect(
            route.values == [
                AWSRoute.Value(name: "workflowName", text: "w"), AWSRoute.Value(name: "nextToken", text: "a+b c="),
                AWSRoute.Value(name: "maxResults", text: "5", isInteger: true),
            ])
    }

    @Test(
        "Invalid encodings and repeated names are refused",
        arguments: [
            "/matchingworkflows/%", "/matchingworkflows/%F", "/matchingworkflows/%zz", "/matchingworkflows/%ff",
            "/matchingworkflows?nextToken=%f", "/matchingworkflows?nextToken=1&nextToken=2",
        ])
    func invalidPaths(target: String) {
        #expect(Self.refusal(AWSRequestHead("GET", target, headers: []))?.type == "SerializationException")
    }

    @Test("An empty value of the path is another path")
    func emptyLabels() {
        #expect(Self.refusal(AWSRequestHead("GET", "/matchingworkflows/", headers: []))?.status == 404)
        #expect(Self.refusal(AWSRequestHead("GET", "/matchingworkflows//jobs", headers: []))?.status == 404)
    }

    @Test("A wrong method is refused with 405 and the right ones")
    func wrongMethods() {
        let refusal = Self.refusal(AWSRequestHead("PATCH", "/matchingworkflows/w", headers: []))
        #expect(refusal?.status == 405)
        #expect(refusal?.message == "this path has GET, PUT, DELETE, not PATCH")
        #expect(Self.refusal(Self.json("AmazonPersonalize.ListBatchSegmentJobs", verb: "GET"))?.status == 405)
    }

    @Test("A request of another service names the variables of the services that are served")
    func otherServices() throws {
        let variables =
            "AWS_ENDPOINT_URL_COMPREHENDMEDICAL, AWS_ENDPOINT_URL_ENTITYRESOLUTION, AWS_ENDPOINT_URL_PERSONALIZE"
        let signature =
            "AWS4-HMAC-SHA256 Credential=AKID/20261201/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
        for head in [
            Self.json("DynamoDB_20120810.ListTables"),
            AWSRequestHead("GET", "/bucket/key", headers: [("Authorization", signature)]),
            AWSRequestHead(
                "POST", "/", headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]),
            AWSRequestHead("GET", "/unknown", headers: []),
        ] {
            let refusal = try #require(Self.refusal(head))
            #expect(refusal.status == 404)
            #expect(refusal.type == "UnknownOperationException")
            #expect(refusal.message.contains(variables))
        }
        let s3 = Self.refusal(AWSRequestHead("GET", "/bucket", headers: [("Authorization", signature)]))
        #expect(s3?.message.hasPrefix("\"s3\" is not served here") == true)
    }

    @Test("Another operation of a served service names its variable")
    func otherOperations() {
        let refusal = Self.refusal(Self.json("ComprehendMedical_20181030.DetectEntitiesV2"))
        #expect(refusal?.message.contains("has no operation \"DetectEntitiesV2\"") == true)
        #expect(refusal?.message.contains("without AWS_ENDPOINT_URL_COMPREHENDMEDICAL") == true)
    }

    @Test("A browser gets one line")
    func browsers() {
        let refusal = Self.refusal(AWSRequestHead("GET", "/", headers: [("Accept", "text/html,*/*")]))
        #expect(refusal?.message.hasPrefix("this is an endpoint for AWS SDKs, not a web site") == true)
    }

    @Test("A request has one protocol")
    func mixedProtocols() {
        let headers = [("X-Amz-Target", "AmazonPersonalize.ListBatchSegmentJobs"), ("Smithy-Protocol", "rpc-v2-cbor")]
        #expect(Self.refusal(AWSRequestHead("POST", "/", headers: headers))?.status == 400)
        #expect(Self.refusal(AWSRequestHead("POST", "/", headers: [("Smithy-Protocol", "rpc-v2-json")]))?.status == 400)
    }

    @Test(
        "A foreign content type is refused", arguments: ["text/xml", "application/json", "application/x-amz-json-1.0"])
    func contentTypes(type: String) {
        let refusal = Self.refusal(Self.json("AmazonPersonalize.ListBatchSegmentJobs", type: type))
        #expect(refusal?.type == "SerializationException")
        #expect(refusal?.message.contains("found \"\(type)\"") == true)
    }

    @Test("Text of a request is repeated in part, and without control characters")
    func quotedText() {
        let refusal = Self.refusal(Self.json("A\u{1b}[31m\"\n" + String(repeating: "x", count: 10_000) + ".Op"))
        #expect(refusal?.message.contains("\"A?[31m??xxx") == true)
        #expect((refusal?.message.utf8.count ?? 0) < 400)
    }

    @Test("A credential scope has five parts")
    func credentialScopes() {
        let scope = CredentialScope(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261201/eu-west-1/personalize/aws4_request,SignedHeaders=host,Signature=0"
        )
        #expect(scope?.accessKey == "AKIDEXAMPLE")
        #expect(scope?.region == "eu-west-1")
        #expect(scope?.service == "personalize")
        for text in [
            "", "Basic Zm9v", "AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 Credential=A/B/C/D",
            "AWS4-HMAC-SHA256 Credential=A//C/D/aws4_request",
        ] {
            #expect(CredentialScope(text) == nil)
        }
    }
}
