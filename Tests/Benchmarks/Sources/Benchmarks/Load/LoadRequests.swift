internal import CLoad

/// What a load asks, and how it stands in the byte stream.
struct LoadRequests: Sendable {
    let wire: load_wire
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
            requests.add("\(header)\(body)\n", idOffset: header.utf8.count + beforeID.utf8.count)
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
        for path in paths { requests.add("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n") }
        return requests
    }

    /// - Parameter commands: Each with its arguments.
    static func redis(_ commands: some Sequence<[String]>) -> LoadRequests {
        var requests = LoadRequests(wire: LOAD_RESP)
        for command in commands {
            let words = command.map { "$\($0.utf8.count)\r\n\($0)\r\n" }
            requests.add("*\(command.count)\r\n\(words.joined())")
        }
        return requests
    }

    private mutating func add(_ text: String, idOffset: Int = 0) {
        let number = text.firstRange(of: Self.number).map {
            text.utf8.distance(from: text.startIndex, to: $0.lowerBound)
        }
        ranges.append(
            load_request(
                offset: bytes.count, count: UInt32(text.utf8.count), id_offset: UInt32(idOffset),
                number_offset: UInt32(number ?? 0)))
        bytes += text.utf8
    }
}
