/// Error on the wire: code, message, and details on which a client decides what to do.
public struct WireError: Error, Sendable, Hashable {
    /// Class of the error.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// Number on the wire.
        public let rawValue: Int

        /// Creates a code, which can be unknown.
        ///
        /// - Parameter rawValue: Number on the wire.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// The bytes are not JSON, or not a frame.
        public static let parseError = Code(rawValue: -32700)
        /// The JSON is not a request.
        public static let invalidRequest = Code(rawValue: -32600)
        /// Unknown method.
        public static let methodNotFound = Code(rawValue: -32601)
        /// The parameters violate the schema.
        public static let invalidParams = Code(rawValue: -32602)
        /// Refused by a rule of the service.
        public static let refused = Code(rawValue: 400)
        /// Access denied.
        public static let forbidden = Code(rawValue: 403)
        /// Unknown job or workflow.
        public static let notFound = Code(rawValue: 404)
        /// Conflict, name in use, or quota reached.
        public static let conflict = Code(rawValue: 409)
        /// The reply exceeds the maximum size.
        public static let replyTooLarge = Code(rawValue: 413)
        /// Too many requests.
        public static let tooManyRequests = Code(rawValue: 429)
        /// Cancelled by the caller.
        public static let cancelled = Code(rawValue: 499)
        /// Internal error of the server.
        public static let internalError = Code(rawValue: 500)
        /// The server drains, or its backend is unreachable.
        public static let unavailable = Code(rawValue: 503)
        /// Deadline exceeded.
        public static let deadlineExceeded = Code(rawValue: 504)
    }

    /// Class of the error.
    public var code: Code
    /// Lower-case clause that describes what happened.
    public var message: String
    /// Name of the error in the service, such as `ResourceNotFoundException`.
    public var type: String?
    /// Scope of the exhausted budget if `code` is 429: `client`, `method`, `service`, `connection` or `upstream`; `fault` for
    /// an injected error.
    public var scope: String?
    /// Whether the same request can succeed later.
    public var retryable: Bool?
    /// False if the request is guaranteed to have had no effect; nil if unknown.
    public var processed: Bool?
    /// Milliseconds after which to retry; -1 means never.
    public var retryAfterMilliseconds: Int?
    /// Member that is invalid, such as `Filter.JobName`.
    public var path: String?
    /// Name of the quota that is reached.
    public var quotaName: String?
    /// Value of the quota that is reached.
    public var quotaValue: Int?
    /// Id by which a remote service logged the request.
    public var serviceRequestID: String?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: Class of the error.
    ///   - message: Lower-case clause that describes what happened.
    ///   - type: Name of the error in the service.
    ///   - retryable: Whether the same request can succeed later.
    ///   - processed: False if the request is guaranteed to have had no effect.
    public init(
        _ code: Code, _ message: String, type: String? = nil, retryable: Bool? = nil, processed: Bool? = nil
    ) {
        self.code = code
        self.message = message
        self.type = type
        self.retryable = retryable
        self.processed = processed
    }
}

extension WireError: JSONCodable {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var code: Int?
        var message: String?
        var error = WireError(.internalError, "")
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "code": code = try reader.value()
            case "message": message = try reader.value()
            case "data": try error.readData(&reader)
            default: try reader.skip()
            }
        }
        error.code = Code(rawValue: try reader.required(code, "code"))
        error.message = message ?? ""
        self = error
    }

    /// Reads the known members; skips members of unexpected types, so that errors of other servers are accepted.
    private mutating func readData(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peek() == UInt8(ascii: "{") else {
            try reader.skip()
            return
        }
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "type": type = try reader.lenient()
            case "scope": scope = try reader.lenient()
            case "retryable": retryable = try reader.lenient()
            case "processed": processed = try reader.lenient()
            case "retryAfterMs": retryAfterMilliseconds = try reader.lenient()
            case "path": path = try reader.lenient()
            case "quotaName": quotaName = try reader.lenient()
            case "quotaValue": quotaValue = try reader.lenient()
            case "serviceRequestId": serviceRequestID = try reader.lenient()
            default: try reader.skip()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", code.rawValue)
            writer.member("message", message)
            writer.member("data", hasData ? Details(error: self) : nil)
        }
    }

    private var hasData: Bool {
        type != nil || scope != nil || retryable != nil || processed != nil || retryAfterMilliseconds != nil
            || path != nil || quotaName != nil || quotaValue != nil || serviceRequestID != nil
    }

    /// Member `data`.
    private struct Details: JSONEncodable {
        let error: WireError

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("type", error.type)
                writer.member("scope", error.scope)
                writer.member("retryable", error.retryable)
                writer.member("processed", error.processed)
                writer.member("retryAfterMs", error.retryAfterMilliseconds)
                writer.member("path", error.path)
                writer.member("quotaName", error.quotaName)
                writer.member("quotaValue", error.quotaValue)
                writer.member("serviceRequestId", error.serviceRequestID)
            }
        }
    }
}

extension JSONReader {
    /// Reads the next value; returns nil, and skips it, if it has another type.
    fileprivate mutating func lenient<Value: JSONDecodable>() throws(JSONError) -> Value? {
        var ahead = self
        do throws(JSONError) {
            let value = try Value(from: &ahead)
            self = ahead
            return value
        } catch {
            try skip()
            return nil
        }
    }
}
