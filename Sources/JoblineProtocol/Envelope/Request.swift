package import NIOCore

/// One request as it travels: JSON-RPC 2.0 with two members of our own, `timeoutMs` and `traceparent`.
package struct Request: Sendable, Hashable {
    /// The form it came in, or goes out in; its reply has the same.
    package var form: Frame.Form
    /// nil for a notification, and for a line that a person typed without one.
    package var id: RequestID?
    /// `Service.Operation`.
    package var method: String
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
        self.form = form
        self.id = id
        self.method = method
        self.params = params
        self.timeoutMilliseconds = timeoutMilliseconds
        self.traceparent = traceparent
    }

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
            let described =
                error.path.isEmpty
                ? "\(error.message) at byte \(error.offset)" : "\(error.pathDescription): \(error.message)"
            throw Rejection(
                id: fields.id,
                error: error.code == .syntax
                    ? WireError(.parseError, described, retryable: false, processed: false) : .envelope(described))
        }
        if let defect = fields.defect ?? fields.missing(in: frame.form) {
            throw Rejection(id: fields.id, error: .envelope(defect))
        }
        self.init(
            form: frame.form, id: fields.id, method: fields.method ?? "", params: fields.params,
            timeoutMilliseconds: fields.timeout, traceparent: fields.traceparent)
    }

    /// The members of the envelope while it is being read, and the first thing that is wrong with them.
    private struct Fields {
        var id: RequestID?
        var method: String?
        var params: ByteBuffer?
        var timeout: Int?
        var traceparent: String?
        var defect: String?
        private var version: String?
        private var seen: Set<String> = []

        mutating func read(from reader: inout JSONReader, body: ByteBuffer) throws(JSONError) {
            if try reader.peek() == UInt8(ascii: "[") {
                try reader.skip()
                defect = "batches are not spoken here; send one object after the other"
                return
            }
            try reader.members { (reader, key) throws(JSONError) in
                let isRepeated = !seen.insert(key.name).inserted
                if isRepeated { note("\(Self.shown(key.name)) is there twice") }
                switch key {
                case "id":
                    let value: RequestID = try reader.value()
                    // Of two ids neither is the one to answer to.
                    id = isRepeated ? nil : value
                case "method": method = try reader.value()
                case "jsonrpc": version = try reader.value()
                case "timeoutMs": try readTimeout(&reader)
                case "traceparent": traceparent = try reader.value()
                case "params": try readParams(&reader, body)
                case "result", "error":
                    try reader.skip()
                    note("this is a reply; only requests are expected here")
                default: try reader.skip()
                }
            }
        }

        private mutating func readTimeout(_ reader: inout JSONReader) throws(JSONError) {
            let milliseconds: Int = try reader.value()
            if milliseconds < 1 { note("timeoutMs: at least 1 is expected") }
            timeout = milliseconds
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
            if method.utf8.count > Request.maximumMethodBytes {
                return "method: at most \(Request.maximumMethodBytes) bytes are expected"
            }
            if (traceparent ?? "").utf8.count > Request.maximumTraceparentBytes {
                return "traceparent: at most \(Request.maximumTraceparentBytes) bytes are expected"
            }
            return nil
        }

        private mutating func note(_ message: String) { defect = defect ?? message }

        /// A member's name, cut so that an error never carries much of what a peer sent.
        private static func shown(_ name: String) -> String { String(name.prefix(32)) }
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
