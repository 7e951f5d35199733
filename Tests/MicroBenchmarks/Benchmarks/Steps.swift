internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer
internal import NIOCore

/// Steps that need no server: bytes in, values out, and the other way; on either side.
enum Steps {
    static let describe = Method.comprehendMedicalDescribeRxNormInferenceJob

    static var all: [Step] { [frames, envelope, params, encode, passed, refused, ask, answer, result] }

    private static func frame(_ body: String) -> String { "\(body.utf8.count)\n\(body)\n" }

    private static let request =
        #"{"jsonrpc":"2.0","id":1000,"method":"\#(describe.rawValue)","params":{"JobId":"\#(jobID)"}}"#
    private static let jobID = "0123456789abcdef0123456789abcdef"

    private static var frames: Step {
        let bytes = ByteBuffer(string: String(repeating: frame(request), count: 32))
        var decoder = FrameDecoder(limits: .requests)
        return Step(name: "decode: a frame, 32 in a read", times: 32) {
            decoder.append(bytes)
            while let frame = try decoder.next() { use(frame) }
        }
    }

    private static var envelope: Step {
        let frame = Frame(form: .framed, body: ByteBuffer(string: request))
        return Step(name: "decode: the envelope of a describe") { use(try Request(frame)) }
    }

    private static var params: Step {
        let params = ByteBuffer(string: #"{"JobId":"\#(jobID)"}"#)
        return Step(name: "decode: the parameters of a describe") {
            use(try describe.decode(params, as: ComprehendMedical.DescribeJobRequest.self))
        }
    }

    private static var described: ComprehendMedical.DescribeJobResponse {
        let arn = "arn:aws:iam::000000000000:role/jobline-data-access"
        let job = ComprehendMedical.JobProperties(
            jobID: jobID, jobName: "a job", jobStatus: .inProgress,
            submitTime: Timestamp(milliseconds: 1_790_000_000_000),
            inputDataConfig: .init(s3Bucket: "notes", s3Key: "some/prefix"),
            outputDataConfig: .init(s3Bucket: "results", s3Key: "some/prefix"), languageCode: .en,
            dataAccessRoleARN: arn)
        return ComprehendMedical.DescribeJobResponse(jobProperties: job)
    }

    private static var encode: Step {
        let response = described
        return Step(name: "encode: a described job") { use(response.json()) }
    }

    private static var ask: Step {
        let params = ByteBuffer(string: #"{"JobId":"\#(jobID)"}"#)
        return Step(name: "SDK: encode a describe, 32 in a piece", times: 32) {
            var piece = ByteBuffer()
            for _ in 0..<32 {
                _ = Frame.append(request: 1000, describe, timeoutMilliseconds: 30_000, params, to: &piece)
            }
            use(piece)
        }
    }

    private static var answer: Step {
        let reply = #"{"jsonrpc":"2.0","id":1000,"result":\#(String(buffer: described.json()))}"#
        let frame = Frame(form: .framed, body: ByteBuffer(string: reply))
        return Step(name: "SDK: decode the envelope of a described job") { use(try ServerMessage(frame)) }
    }

    private static var result: Step {
        let json = described.json()
        return Step(name: "SDK: decode a described job") {
            use(try ComprehendMedical.DescribeJobResponse(json: json))
        }
    }

    private static var passed: Step {
        let limiter = RateLimiter(.init(clientRead: GCRA.Rate(perSecond: 1e9, burst: 1e6)))
        var now: Int64 = 0
        return Step(name: "limit: a request that passes") {
            now += 1000
            use(limiter.refusal(of: describe, caller: .user(1000), now: now))
        }
    }

    private static var refused: Step {
        let limiter = RateLimiter(.init(clientRead: GCRA.Rate(perSecond: 1, burst: 1)))
        return Step(name: "limit: a request that is refused") {
            use(limiter.refusal(of: describe, caller: .user(1000), now: 0))
        }
    }
}
