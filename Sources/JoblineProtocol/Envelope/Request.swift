package import NIOCore

/// Request: JSON-RPC 2.0 with two additional members, `timeoutMs` and `traceparent`.
package struct Request: Sendable, Hashable {
    /// Form of the frame; the reply has the same form.
    package var form: Frame.Form
    /// Id; nil for a notification, and for a bare line without an id.
    package var id: RequestID?
    package var name: MethodName
    /// Parameters, a well-formed JSON object that is not decoded yet; nil if absent.
    package var params: ByteBuffer?
    /// Milliseconds from arrival to the deadline; at least 1.
    package var timeoutMilliseconds: Int?
    /// W3C trace context of the caller, forwarded unchanged.
    package var traceparent: String?

    package init(
        form: Frame.Form = .framed, id: RequestID?, method: String, params: ByteBuffer? = nil,
        timeoutMilliseconds: Int? = nil, traceparent: String? = nil
    ) {
        self.init(
            form: form, id: id, name: MethodName(method), params: params, timeoutMilliseconds: timeoutMilliseconds,
            traceparent: traceparent)
    }

    package init(
        form: Frame.Form = .framed, id: RequestID?, name: MethodName, params: ByteBuffer? = nil,
        timeoutMilliseconds: Int? = nil, traceparent: String? = nil
    ) {
        self.form = form
        self.id = id
        self.name = name
        self.params = params
        self.timeoutMilliseconds = timeoutMilliseconds
        self.traceparent = traceparent
    }

    package var method: String { name.text }

    /// Whether a reply is sent. A bare line without an id gets one, because a person wants to see the result.
    package var wantsReply: Bool { id != nil || form == .bare }
}

extension Request {
    /// Reason why a frame is not a valid request, and the address of the error reply.
    package struct Rejection: Error, Sendable, Hashable {
        /// Id of the request, if it could be read.
        package let id: RequestID?
        package let error: WireError
    }

    /// Maximum bytes of a `traceparent`; a longer one is dropped. Version 00 of the W3C format has 55.
    package static let maximumTraceparentBytes = 128
    /// Maximum bytes of a method name.
    package static let maximumMethodBytes = 128

    /// Parses the envelope of a frame.
    ///
    /// - Throws: The error to reply.
    package init(_ frame: Frame) throws(Rejection) {
        var fields = Fields()
        do throws(JSONError) {
            try JSONReader.read(frame.body) { (reader) throws(JSONError) in
                try fields.read(from: &reader, body: frame.body)
            }
        } catch {
            let described = "\(error.message) at byte \(error.offset)"
            throw Rejection(
                id: fields.id,
                error: error.code == .syntax
                    ? WireError(.parseError, described, retryable: false, processed: false) : .envelope(described))
        }
        if let defect = fields.defect ?? fields.missing(in: frame.form) {
            throw Rejection(id: fields.id, error: .envelope(defect))
        }
        self.init(
            form: frame.form, id: fields.id, name: fields.method ?? .unknown(""), params: fields.params,
            timeoutMilliseconds: fields.timeout, traceparent: fields.traceparent)
    }

    /// Members of the envelope and the first error in them.
    ///
    /// Reading continues after an error, so that the id and later syntax errors are found: the reply to a peer does not
    /// depend on the order of the members.
    private struct Fields {
        var id: RequestID?
        var method: MethodName?
        var params: ByteBuffer?
        var timeout: Int?
        var traceparent: String?
        var defect: String?
        private var version: String?

        mutating func read(from reader: inout JSONReader, body: ByteBuffer) throws(JSONError) {
            if try reader.peek() == UInt8(ascii: "[") {
                try reader.skip()
                defect = "batches are not spoken here; send one object after the other"
                return
            }
            try reader.entries { (reader, key) throws(JSONError) in
                guard !key.isRepeated else {
                    note("\(key.shownName) appears twice")
                    // With two ids it is unclear which one to reply to.
                    if case "id" = key { id = nil }
                    try reader.skip()
                    return
                }
                switch key {
                case "id": id = try value("id", &reader)
                case "method": method = try value("method", &reader)
                case "jsonrpc": version = try value("jsonrpc", &reader)
                case "timeoutMs": try readTimeout(&reader)
                case "traceparent": traceparent = try value("traceparent", &reader)
                case "params": try readParams(&reader, body)
                case "result", "error":
                    try reader.skip()
                    note("this is a reply; only requests are expected here")
                default: try reader.skip()
                }
            }
        }

        /// Reads the value of a member; returns nil, and skips it, if it has the wrong type.
        private mutating func value<Value: JSONDecodable>(
            _ name: StaticString, _ reader: inout JSONReader
        ) throws(JSONError) -> Value? {
            let start = reader
            do throws(JSONError) {
                return try Value(from: &reader)
            } catch {
                reader = start
                try reader.skip()
                note("\(name): \(error.message)")
                return nil
            }
        }

        private mutating func readTimeout(_ reader: inout JSONReader) throws(JSONError) {
            timeout = try value("timeoutMs", &reader)
            if let timeout, timeout < 1 { note("timeoutMs: at least 1 is expected") }
        }

        private mutating func readParams(_ reader: inout JSONReader, _ body: ByteBuffer) throws(JSONError) {
            if try reader.peek() != UInt8(ascii: "{") { note("params: an object is expected") }
            let range = try reader.skip()
            params = body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count)
        }

        /// Returns a description of missing or superfluous members; nil if there are none.
        func missing(in form: Frame.Form) -> String? {
            if let version, version != "2.0" { return "jsonrpc: \"2.0\" is expected" }
            if form == .framed, version == nil { return "jsonrpc: \"2.0\" is required in a framed request" }
            guard let method else { return "method is required" }
            if case .unknown(let name) = method, name.utf8.count > Request.maximumMethodBytes {
                return "method: at most \(Request.maximumMethodBytes) bytes are expected"
            }
            if (traceparent ?? "").utf8.count > Request.maximumTraceparentBytes {
                return "traceparent: at most \(Request.maximumTraceparentBytes) bytes are expected"
            }
            return nil
        }

        private mutating func note(_ message: String) { defect = defect ?? message }
    }
}

extension Request: JSONEncodable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("jsonrpc", "2.0")
            writer.member("id", id)
            writer.member("method", method)
            writer.member("timeoutMs", timeoutMilliseconds)
            writer.member("traceparent", traceparent)
            writer.member("params", params.map(JSONDocument.init(compact:)))
        }
    }
}

extension WireError {
    fileprivate static func envelope(_ message: String) -> WireError {
        WireError(.invalidRequest, message, retryable: false, processed: false)
    }
}
