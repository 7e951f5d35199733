internal import JoblineProtocol
internal import NIOCore

/// Wires to begin with: well formed, or broken in a way that somebody thought of.
package enum Seeds {
    /// What clients send, as whole streams.
    package static let requests = wires(of: bodies + methods, forms: true) + streams
    /// What servers send, as whole streams, to calls with the ids from 1 on.
    package static let replies = wires(of: answers, forms: false)
    /// Single objects, as they stand in a frame.
    package static let objects = (bodies + methods + answers).map { Array($0.utf8) }

    /// Every method, with nothing.
    private static let methods = Method.allCases.enumerated().map { index, method in
        #"{"jsonrpc":"2.0","id":\#(index + 1),"method":"\#(method.rawValue)","params":{}}"#
    }

    private static let bodies = [
        #"{"jsonrpc":"2.0","id":"a","method":"rpc.hello","params":{"client":"x/1","require":["watch"]}}"#,
        #"{"jsonrpc":"2.0","id":7,"method":"rpc.cancel","params":{"id":1}}"#,
        #"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":"1"}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"ComprehendMedical.StartRxNormInferenceJob","timeoutMs":5,"traceparent":"#
            + #""00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","params":{"InputDataConfig":{"S3Bucket":"notes","#
            + #""S3Key":"in/"},"OutputDataConfig":{"S3Bucket":"results"},"DataAccessRoleArn":"#
            + #""arn:aws:iam::123456789012:role/reader","LanguageCode":"en","JobName":"Ward 7 \u00fc"}}"#,
        #"{"jsonrpc":"2.0","id":2,"method":"ComprehendMedical.ListRxNormInferenceJobs","params":{"Filter":"#
            + #"{"SubmitTimeAfter":1767225600.123},"MaxResults":5,"NextToken":"AAAA"}}"#,
        #"{"jsonrpc":"2.0","id":3,"method":"EntityResolution.CreateMatchingWorkflow","params":{"workflowName":"people","#
            + #""inputSourceConfig":[{"inputSourceARN":"arn:aws:glue:us-east-1:000000000000:table/sample/people","#
            + #""schemaName":"people","applyNormalization":true}],"outputSourceConfig":[{"outputS3Path":"s3://results/","#
            + #""output":[{"name":"n","hashed":false}]}],"resolutionTechniques":{"resolutionType":"PROVIDER","#
            + #""providerProperties":{"providerServiceArn":"p","providerConfiguration":{"any":[1,null,{"thing":"x"}]}}},"#
            + #""roleArn":"arn:aws:iam::000000000000:role/jobline","tags":{"a":"1","b":"2"}}}"#,
        #"{"jsonrpc":"2.0","id":4,"method":"Personalize.CreateBatchSegmentJob","params":{"jobName":"j","#
            + #""solutionVersionArn":"arn:aws:personalize:us-east-1:000000000000:solution/s/1","jobInput":{"s3DataSource":"#
            + #"{"path":"s3://items/items.json"}},"jobOutput":{"s3DataDestination":{"path":"s3://results/"}},"#
            + #""roleArn":"arn:aws:iam::000000000000:role/jobline","numResults":5}}"#,
        #"{"method":"rpc.ping"}"#, #"{"method":"No.Such"}"#, "{}", "{nonsense}", "[]",
        #"{"a":[[[[{"b":[true,false,null,-1.5e-3,"\ud83d\ude00\u0000\"\\\/\b\f\n\r\t"]}]]]],"a":{}}"#,
    ]

    private static let answers = [
        #"{"jsonrpc":"2.0","id":"hello","result":{"protocolVersion":1,"version":"1","features":[],"services":{},"#
            + #""connection":1,"peer":{"uid":0,"gid":0,"pid":1},"limits":{"requestBytes":1048576,"bareRequestBytes":65536,"#
            + #""replyBytes":4194304,"inFlight":2,"maximumTimeoutMs":300000,"maximumDepth":64}}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        #"{"jsonrpc":"2.0","id":2,"result":{"ComprehendMedicalAsyncJobProperties":{"JobId":"1","JobStatus":"#
            + #""COMPLETED","SubmitTime":1767225600.123,"EndTime":1767225601}}}"#,
        #"{"jsonrpc":"2.0","id":3,"error":{"code":429,"message":"too fast","data":{"type":"TooManyRequestsException","#
            + #""scope":"client","retryable":true,"processed":false,"retryAfterMs":118}}}"#,
        #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what"}}"#,
        #"{"jsonrpc":"2.0","method":"Sidecar.Draining","params":{}}"#,
    ]

    /// Streams that are no sequence of frames, or only one up to a place.
    private static let streams = [
        "\n\r\n2\n{}\n{}\r\n\n", "0\n", "007\n{}\n", "+5\n", "5 \n{\"a\"}\n", "12345678\n", "9999999\n{", "3\n{}\n",
        "1\n{}\n", "GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}", "*1\r\n", String(repeating: "\n", count: 65),
    ].map { Array($0.utf8) }

    /// Each object as a stream, and all of them as one.
    private static func wires(of objects: [String], forms: Bool) -> [[UInt8]] {
        let framed = objects.map { Array("\($0.utf8.count)\n\($0)\n".utf8) }
        let bare = forms ? objects.map { Array("\($0)\n".utf8) } : []
        return framed + bare + [Array(framed.joined())]
    }
}
