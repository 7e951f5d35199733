/// An error as it travels: code, text, and what a client needs to decide what to do.
public struct WireError: Error, Sendable, Hashable {
    /// The class of the error; what a client acts upon.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The number on the wire.
        public let rawValue: Int

        /// A code, known or not.
        ///
        /// - Parameter rawValue: The number on the wire.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// The bytes were no JSON, or no frame.
        public static let parseError = Code(rawValue: -32700)
        /// The JSON was no request.
        public static let invalidRequest = Code(rawValue: -32600)
        /// No such method.
        public static let methodNotFound = Code(rawValue: -32601)
        /// The parameters do not fit the schema.
        public static let invalidParams = Code(rawValue: -32602)
        /// Refused by the service's rules.
        public static let refused = Code(rawValue: 400)
        /// Not allowed.
        public static let forbidden = Code(rawValue: 403)
        /// No such job or workflow.
        public static let notFound = Code(rawValue: 404)
        /// A conflict, a name that is taken, a quota of running jobs.
        public static let conflict = Code(rawValue: 409)
        /// The reply would exceed the cap.
        public static let replyTooLarge = Code(rawValue: 413)
        /// Too many requests.
        public static let tooManyRequests = Code(rawValue: 429)
        /// Cancelled by the caller.
        public static let cancelled = Code(rawValue: 499)
        /// The server failed.
        public static let internalError = Code(rawValue: 500)
        /// Draining, or what is behind the server cannot be reached.
        public static let unavailable = Code(rawValue: 503)
        /// The deadline passed.
        public static let deadlineExceeded = Code(rawValue: 504)
    }

    /// The class of the error.
    public var code: Code
    /// What happened, as a lower-case clause.
    public var message: String
    /// The service's own name for the error, such as `ResourceNotFoundException`.
    public var type: String?
    /// Whose budget is spent where `code` is 429: `client`, `method`, `service` or `connection`; `fault` where the
    /// daemon is told to throttle for a test.
    public var scope: String?
    /// True if the same request may succeed later.
    public var retryable: Bool?
    /// False is a promise that nothing was done; nil if it is not known.
    public var processed: Bool?
    /// Milliseconds after which to try again; -1: do not.
    public var retryAfterMilliseconds: Int?
    /// The member that does not fit, such as `Filter.JobName`.
    public var path: String?
    /// The quota that is reached.
    public var quotaName: String?
    /// The value of the quota that is reached.
    public var quotaValue: Int?

    /// An error.
    ///
    /// - Parameters:
    ///   - code: The class of the error.
    ///   - message: What happened, as a lower-case clause.
    ///   - type: The service's own name for it.
    ///   - retryable: True if the same request may succeed later.
    ///   - processed: False promises that nothing was done.
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

    /// Reads the known members; one of another type than expected is passed over, so that an odd server is still understood.
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
            || path != nil || quotaName != nil || quotaValue != nil
    }

    /// The `data` member.
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
            }
        }
    }
}

extension JSONReader {
    /// The next value, or nil and past it where it has another type.
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
