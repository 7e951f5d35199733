package import NIOCore

/// Message from a server: a final reply, or a notification.
package enum ServerMessage: Sendable {
    /// Final reply; without an id if the server could not read the request's id.
    case reply(id: RequestID?, Result<ByteBuffer, WireError>)
    /// Notification, such as `Sidecar.Draining`.
    case notification(method: String, params: ByteBuffer?)
}

extension ServerMessage {
    /// Parses the envelope of a frame from a server.
    ///
    /// - Throws: If it is neither a reply nor a notification.
    package init(_ frame: Frame) throws(JSONError) {
        let body = frame.body
        self = try JSONReader.read(body) { (reader) throws(JSONError) in
            if let (id, result) = try reader.plainResult(of: body) { return .reply(id: .integer(id), .success(result)) }
            var id: RequestID?
            var method: String?
            var params: ByteBuffer?
            var result: ByteBuffer?
            var error: WireError?
            try reader.members { (reader, key) throws(JSONError) in
                switch key {
                case "id": if !(try reader.null()) { id = try reader.value() }
                case "method": method = try reader.value()
                case "params": params = try reader.slice(of: body)
                case "result": result = try reader.slice(of: body)
                case "error": if !(try reader.null()) { error = try reader.value() }
                default: try reader.skip()
                }
            }
            if let error {
                guard result == nil || result == ByteBuffer(staticString: "null") else {
                    throw JSONError(.type, "expected a result or an error, found both", offset: reader.offset)
                }
                return .reply(id: id, .failure(error))
            }
            if let result { return .reply(id: id, .success(result)) }
            if let method { return .notification(method: method, params: params) }
            throw JSONError(.missing, "expected a result, an error or a method", offset: reader.offset)
        }
    }
}

extension JSONReader {
    /// Fast path for a result in the form that the daemon writes: `{"jsonrpc":"2.0","id":1,"result":…}`.
    ///
    /// - Returns: nil for any other form; the reader has not moved then.
    fileprivate mutating func plainResult(of body: ByteBuffer) throws(JSONError) -> (id: Int64, result: ByteBuffer)? {
        var scanner = PlainScanner(bytes)
        guard scanner.skip(Frame.beforeID), let id = scanner.integer(), scanner.skip(Frame.beforeResult),
            let rest = scanner.bytes(before: "}")
        else { return nil }
        var ahead = self
        ahead.depth += 1
        ahead.position = bytes.count - 1 - rest.count
        guard let result = try ahead.slice(of: body), ahead.position == bytes.count - 1 else { return nil }
        position = bytes.count
        return (id, result)
    }

    /// Returns the bytes of the next value as a slice of the text.
    fileprivate mutating func slice(of body: ByteBuffer) throws(JSONError) -> ByteBuffer? {
        let range = try skip()
        return body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count)
    }
}

extension JSONWriter {
    /// Writes a final reply.
    ///
    /// - Parameters:
    ///   - id: Id of the request; nil is written as null.
    ///   - outcome: Result or error.
    package mutating func reply(id: RequestID?, _ outcome: Result<any JSONEncodable, WireError>) {
        object { writer in
            writer.member("jsonrpc", "2.0")
            if let id { writer.member("id", id) } else { writer.member("id", JSONNull()) }
            switch outcome {
            case .success(let result): writer.member("result", JSONAny(result))
            case .failure(let error): writer.member("error", error)
            }
        }
    }

    /// Writes a notification from the server.
    package mutating func notification(_ method: String, _ params: some JSONEncodable) {
        object { writer in
            writer.member("jsonrpc", "2.0")
            writer.member("method", method)
            writer.member("params", params)
        }
    }
}

/// JSON null.
private struct JSONNull: JSONEncodable {
    func write(to writer: inout JSONWriter) { writer.null() }
}
