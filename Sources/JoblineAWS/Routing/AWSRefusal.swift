/// Refusal of a request that reaches no operation, or whose body cannot be read.
package struct AWSRefusal: Error, Sendable, Hashable {
    /// HTTP status.
    package let status: Int
    /// Type of the error, as SDKs know it.
    package let type: String
    /// Lower-case clause for the user of an SDK.
    package let message: String

    package init(_ status: Int, _ type: String, _ message: String) {
        self.status = status
        self.type = type
        self.message = message
    }

    static func unknownOperation(_ message: String, status: Int = 404) -> AWSRefusal {
        AWSRefusal(status, "UnknownOperationException", message)
    }

    /// The body is not what the wire prescribes.
    static func serialization(_ message: String) -> AWSRefusal {
        AWSRefusal(400, "SerializationException", message)
    }
}

extension String {
    /// The beginning of text from a caller, safe to repeat in a message.
    var quotable: String {
        let shown = prefix(64).map {
            $0.isASCII && !$0.isNewline && $0 >= " " && $0 != "\"" && $0 != "\u{7F}" ? $0 : "?"
        }
        return String(shown)
    }
}
