internal import JoblineProtocol
internal import NIOCore
internal import TestSupport

/// Initial streams: those of the vectors, and requests of every method.
package struct Seeds: Sendable {
    /// Streams from clients.
    package private(set) var requests: [[UInt8]] = []
    /// Streams from servers, which reply to calls with ids from 1.
    package private(set) var replies: [[UInt8]] = []
    /// Single objects in the frames of all streams.
    package let objects: [[UInt8]]

    /// Maximum length in bytes. Longer streams test limits, for which fuzzing has its own small ones, and slow it down.
    private static let longestStream = 8 << 10
    /// More ids than any vector has calls.
    private static let ids = Dictionary(uniqueKeysWithValues: (1...16).map { (String($0), String($0)) })

    /// - Throws: If a vector cannot be read.
    package init() throws {
        requests = Self.messages.map { Array("\($0.utf8.count)\n\($0)\n".utf8) }
        for file in try VectorFile.all() {
            let streams = try file.vectors.map(Self.stream).filter { (1...Self.longestStream).contains($0.count) }
            switch file.direction {
            case .toServer: requests += streams
            case .toClient: replies += streams
            }
        }
        objects = Self.objects(of: requests + replies)
    }

    /// Returns all bytes that a vector sends.
    private static func stream(of vector: Vector) throws -> [UInt8] {
        let steps = vector.content["steps"]?.array ?? [vector.content]
        return try steps.compactMap { $0["send"] }.flatMap { try VectorBytes.expand($0, names: ids) }
    }

    private static func objects(of streams: [[UInt8]]) -> [[UInt8]] {
        var objects: Set<[UInt8]> = []
        for stream in streams {
            var decoder = FrameDecoder(limits: .requests)
            decoder.append(ByteBuffer(bytes: stream))
            while let frame = try? decoder.next() { objects.insert(Array(frame.body.readableBytesView)) }
        }
        return objects.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Requests of every method, with common parameters; the largest methods also with all parameters.
    private static let messages =
        Method.allCases.enumerated().map { index, method in
            #"{"jsonrpc":"2.0","id":\#(index + 1),"method":"\#(method.rawValue)","params":{}}"#
        } + [
            #"{"jsonrpc":"2.0","id":1,"method":"ComprehendMedical.StartRxNormInferenceJob","timeoutMs":5,"traceparent":"#
                + #""00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","params":{"InputDataConfig":{"S3Bucket":"#
                + #""notes","S3Key":"in/"},"OutputDataConfig":{"S3Bucket":"results"},"DataAccessRoleArn":"#
                + #""arn:aws:iam::123456789012:role/reader","LanguageCode":"en","JobName":"Ward 7 \u00fc"}}"#,
            #"{"jsonrpc":"2.0","id":2,"method":"ComprehendMedical.ListRxNormInferenceJobs","params":{"Filter":"#
                + #"{"SubmitTimeAfter":1767225600.123},"MaxResults":5,"NextToken":"AAAA"}}"#,
            #"{"jsonrpc":"2.0","id":3,"method":"EntityResolution.CreateMatchingWorkflow","params":{"workflowName":"a","#
                + #""inputSourceConfig":[{"inputSourceARN":"arn:aws:glue:us-east-1:000000000000:table/sample/people","#
                + #""schemaName":"people","applyNormalization":true}],"outputSourceConfig":[{"outputS3Path":"s3://b/","#
                + #""output":[{"name":"n","hashed":false}]}],"resolutionTechniques":{"resolutionType":"PROVIDER","#
                + #""providerProperties":{"providerServiceArn":"p","providerConfiguration":{"any":[1,null,{"b":"x"}]}}},"#
                + #""roleArn":"arn:aws:iam::000000000000:role/jobline","tags":{"a":"1","b":"2"}}}"#,
            #"{"jsonrpc":"2.0","id":4,"method":"Personalize.CreateBatchSegmentJob","params":{"jobName":"j","#
                + #""solutionVersionArn":"arn:aws:personalize:us-east-1:000000000000:solution/s/1","jobInput":"#
                + #"{"s3DataSource":{"path":"s3://items/items.json"}},"jobOutput":{"s3DataDestination":{"path":"#
                + #""s3://results/"}},"roleArn":"arn:aws:iam::000000000000:role/jobline","numResults":5}}"#,
            #"{"jsonrpc":"2.0","id":5,"result":{"ComprehendMedicalAsyncJobProperties":{"JobId":"1","JobStatus":"#
                + #""COMPLETED","SubmitTime":1767225600.123,"EndTime":1767225601}}}"#,
        ]
}
