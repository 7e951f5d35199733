package import NIOCore

/// Response to a request, without the header fields of the connection.
package struct AWSResponse: Sendable, Hashable {
    /// Header field.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// HTTP status.
    package let status: Int
    package let fields: [Field]
    package let body: ByteBuffer
}

extension AWSWire {
    /// Fields that describe a body on this wire.
    var fields: [AWSResponse.Field] {
        switch self {
        case .json: [AWSResponse.Field("Content-Type", "application/x-amz-json-1.1")]
        case .rest: [AWSResponse.Field("Content-Type", "application/json")]
        case .cbor:
            [
                AWSResponse.Field("Content-Type", "application/cbor"),
                AWSResponse.Field("Smithy-Protocol", "rpc-v2-cbor"),
            ]
        }
    }
}
