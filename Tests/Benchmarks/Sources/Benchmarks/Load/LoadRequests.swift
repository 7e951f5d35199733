internal import CLoad

/// Requests of a load, and their framing.
struct LoadRequests: Sendable {
    let wire: load_wire
    /// Number of bytes that a connection sends before its first request.
    private(set) var greetingBytes = 0
    private(set) var bytes: [UInt8] = []
    private(set) var ranges: [load_request] = []

    /// Stands for twelve digits, which are others in each request that is sent.
    static let number = "############"

    /// - Returns: A frame for each of the parameters.
    static func frames(_ method: String, _ params: some Sequence<String>) -> LoadRequests {
        var requests = LoadRequests(wire: LOAD_FRAMES)
        let beforeID = #"{"jsonrpc":"2.0","id":"#
        for params in params {
            let body = #"\#(beforeID)1000,"method":"\#(method)","params":\#(params)}"#
            let header = "\(body.utf8.count)\n"
            requests.add("\(header)\(body)\n".utf8, idOffset: header.utf8.count + beforeID.utf8.count)
        }
        return requests
    }

    static func describe(_ ids: [String]) -> LoadRequests {
        frames("ComprehendMedical.DescribeRxNormInferenceJob", ids.lazy.map { #"{"JobId":"\#($0)"}"# })
    }

    /// - Parameter params: Of each page.
    static func list(_ params: [String]) -> LoadRequests {
        frames("ComprehendMedical.ListRxNormInferenceJobs", params)
    }

    static func http(_ paths: [String]) -> LoadRequests {
        var requests = LoadRequests(wire: LOAD_HTTP)
        for path in paths { requests.add("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8) }
        return requests
    }

    /// - Parameter commands: Each with its arguments.
    static func redis(_ commands: some Sequence<[String]>) -> LoadRequests {
        var requests = LoadRequests(wire: LOAD_RESP)
        for command in commands {
            let words = command.map { "$\($0.utf8.count)\r\n\($0)\r\n" }
            requests.add("*\(command.count)\r\n\(words.joined())".utf8)
        }
        return requests
    }

    /// - Parameters:
    ///   - method: As in `/service/method`.
    ///   - messages: Of at most 100 bytes, as the path.
    static func grpc(_ method: String, _ messages: some Sequence<String>) -> LoadRequests {
        var requests = LoadRequests(wire: LOAD_GRPC)
        requests.bytes = HTTP2.greeting
        requests.greetingBytes = HTTP2.greeting.count
        for message in messages { requests.add(HTTP2.call(method, Array(message.utf8))) }
        return requests
    }

    private mutating func add(_ request: some Collection<UInt8>, idOffset: Int = 0) {
        let number = request.firstRange(of: Self.number.utf8).map {
            request.distance(from: request.startIndex, to: $0.lowerBound)
        }
        ranges.append(
            load_request(
                offset: bytes.count, count: UInt32(request.count), id_offset: UInt32(idOffset),
                number_offset: UInt32(number ?? 0)))
        bytes += request
    }
}
