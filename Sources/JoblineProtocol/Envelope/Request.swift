package import NIOCore

/// One request as it travels: JSON-RPC 2.0 with two members of our own, `timeoutMs` and `traceparent`.
package struct Request: Sendable, Hashable {
    /// The form it came in, or goes out in; its reply has the same.
    package var form: Frame.Form
    /// nil for a notification, and for a line that a person typed without one.
    package var id: RequestID?
    package var name: MethodName
    /// The parameters, a JSON object that is well formed and not yet looked into; nil where there are none.
    package var params: ByteBuffer?
    /// How long the caller waits, in milliseconds from the arrival; at least 1.
    package var timeoutMilliseconds: Int?
    /// The caller's W3C trace context, passed on as it came.
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

    /// `Service.Operation`.
    package var method: String { name.text }

    /// True if an answer is due: a line without `id` gets one, because a person who types wants to see it.
    package var wantsReply: Bool { id != nil || form == .bare }
}

extension Request {
    /// Why a frame is no request, and whom to tell.
    package struct Rejection: Error, Sendable, Hashable {
        /// The request's id, if it could be read.
        package let id: RequestID?
        package let error: WireError
    }

    /// Longest `traceparent` that is kept, in bytes; the W3C's version 00 has 55.
    package static let maximumTraceparentBytes = 128
    /// Longest method name, in bytes.
    package static let maximumMethodBytes = 128

    /// Reads the envelope of a frame.
    ///
    /// - Throws: What to answer instead.
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

    /// The members of the envelope while it is being read, and the first thing that is wrong with them.
    ///
    /// What is wrong is noted and passed over, so that neither the id nor an error of grammar behind it is missed: what a peer is
    /// told does not depend on the order of the members.
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
                    note("\(key.shownName) is there twice")
                    // Of two ids neither is the one to answer to.
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

        /// The value of a member, or nil and past it where it does not fit.
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

        /// What the envelope lacks, or has too much of.
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
