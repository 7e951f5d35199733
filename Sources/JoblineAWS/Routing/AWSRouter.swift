internal import JoblineProtocol

/// Finds the operation of a request by the rules of the wire that it uses.
package enum AWSRouter {
    /// Finds the operation.
    ///
    /// - Throws: If no operation is served for the request. The message names what to change.
    package static func route(_ head: AWSRequestHead) throws(AWSRefusal) -> AWSRoute {
        let target = head.value(of: "x-amz-target")
        let protocolName = head.value(of: "smithy-protocol")
        if let protocolName {
            guard target == nil else {
                throw .unknownOperation("a request has either X-Amz-Target or Smithy-Protocol, not both", status: 400)
            }
            return try routeCBOR(head, protocolName)
        }
        if let target { return try routeJSON(head, target) }
        return try routeREST(head)
    }

    // MARK: JSON 1.1

    private static func routeJSON(_ head: AWSRequestHead, _ target: String) throws(AWSRefusal) -> AWSRoute {
        guard let dot = target.lastIndex(of: "."),
            let service = AWSService.all.first(where: { $0.target.map { $0 == target[..<dot] } == true })
        else { throw Misdirection.otherService(target) }
        let name = target[target.index(after: dot)...]
        guard let operation = service.operations.first(where: { $0.name == name }) else {
            throw Misdirection.otherOperation(String(name), of: service)
        }
        try check(head.verb, "POST", "operations of \(service.name)")
        let expected = "application/x-amz-json-1.1"
        if let mediaType = head.mediaType, mediaType != expected {
            throw .serialization(
                "the content type of a request to \(service.name) is \(expected), found \"\(mediaType.quotable)\"")
        }
        return AWSRoute(service, operation, .json)
    }

    // MARK: RPC v2 CBOR

    private static func routeCBOR(_ head: AWSRequestHead, _ protocolName: String) throws(AWSRefusal) -> AWSRoute {
        guard protocolName == "rpc-v2-cbor" else {
            throw .unknownOperation(
                "the Smithy protocol is rpc-v2-cbor, found \"\(protocolName.quotable)\"", status: 400)
        }
        let segments = head.path.split(separator: "/", omittingEmptySubsequences: false).suffix(4).map(String.init)
        guard segments.count == 4, segments[0] == "service", segments[2] == "operation" else {
            throw .unknownOperation("the path of a CBOR request ends with /service/SERVICE/operation/OPERATION")
        }
        guard let service = AWSService.all.first(where: { $0.target == segments[1] && $0.wires.contains(.cbor) }) else {
            throw Misdirection.otherService(segments[1])
        }
        guard let operation = service.operations.first(where: { $0.name == segments[3] }) else {
            throw Misdirection.otherOperation(segments[3], of: service)
        }
        try check(head.verb, "POST", "operations of \(service.name)")
        if let mediaType = head.mediaType, mediaType != "application/cbor" {
            throw .serialization(
                "the content type of a CBOR request is application/cbor, found \"\(mediaType.quotable)\"")
        }
        return AWSRoute(service, operation, .cbor)
    }

    // MARK: REST

    private static func routeREST(_ head: AWSRequestHead) throws(AWSRefusal) -> AWSRoute {
        let segments = head.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        var verbs: [String] = []
        for service in AWSService.all where service.wires.contains(.rest) {
            for operation in service.operations {
                guard let binding = operation.binding, let labels = try binding.labels(in: segments) else { continue }
                guard binding.verb == head.verb else {
                    verbs.append(binding.verb)
                    continue
                }
                let query = try binding.queryValues(head.query)
                return AWSRoute(service, operation, .rest, values: labels + query)
            }
        }
        guard verbs.isEmpty else {
            throw AWSRefusal(
                405, "UnknownOperationException",
                "this path has \(verbs.joined(separator: ", ")), not \(head.verb.quotable)")
        }
        throw Misdirection.unknown(head)
    }

    private static func check(_ verb: String, _ expected: String, _ subject: String) throws(AWSRefusal) {
        guard verb == expected else {
            throw AWSRefusal(
                405, "UnknownOperationException", "\(subject) are called with \(expected), not \(verb.quotable)")
        }
    }
}

extension RESTBinding {
    /// Returns the values of the path; nil if the path is another one.
    ///
    /// - Parameter segments: Segments without decoding: a decoded slash belongs to a value.
    fileprivate func labels(in segments: [String]) throws(AWSRefusal) -> [AWSRoute.Value]? {
        guard segments.count == path.count else { return nil }
        var values: [AWSRoute.Value] = []
        for (segment, expected) in zip(segments, path) {
            switch expected {
            case .fixed(let text): guard segment == text else { return nil }
            case .member(let name):
                guard !segment.isEmpty else { return nil }
                guard let text = PercentEncoding.decode(segment) else {
                    throw .serialization("\(name): the path has an invalid percent-encoding")
                }
                values.append(AWSRoute.Value(name: name, text: text))
            }
        }
        return values
    }

    /// Returns the values of the query. Unknown names are ignored, as the services do.
    fileprivate func queryValues(_ query: String?) throws(AWSRefusal) -> [AWSRoute.Value] {
        var values: [AWSRoute.Value] = []
        let items = (query ?? "").split(separator: "&").map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        for member in self.query {
            let texts = items.filter { PercentEncoding.decode($0[0], isQuery: true) == member.name }
            guard texts.count <= 1 else { throw .serialization("\(member.name): appears twice in the query") }
            guard let item = texts.first else { continue }
            guard let text = PercentEncoding.decode(item.count > 1 ? item[1] : "", isQuery: true) else {
                throw .serialization("\(member.name): the query has an invalid percent-encoding")
            }
            values.append(AWSRoute.Value(name: member.name, text: text, isInteger: member.isInteger))
        }
        return values
    }
}
