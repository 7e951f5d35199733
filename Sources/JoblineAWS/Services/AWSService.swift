/// Service as it is on the wires of AWS.
package struct AWSService: Sendable {
    /// Name in the methods of the contract, such as `ComprehendMedical`.
    package let name: String
    /// Wires that the service speaks.
    package let wires: [AWSWire]
    /// Prefix of `X-Amz-Target`, and the service's name in rpc-v2-cbor; nil for a REST service.
    package let target: String?
    /// Name of the service in the credential scope of signatures.
    package let signingName: String
    /// Name of the member with the text of an error.
    package let messageMember: String
    /// HTTP status by error type, where it is not 400.
    package let statuses: [String: Int]
    /// Names of the members that are times. A name is a time wherever it occurs.
    package let timeMembers: Set<String>
    package let operations: [AWSOperation]

    /// Name of the environment variable that directs SDKs to another endpoint for this service.
    package var endpointVariable: String { "AWS_ENDPOINT_URL_\(name.uppercased())" }

    /// Returns the HTTP status of an error type.
    package func status(of type: String) -> Int { statuses[type] ?? 400 }
}

/// Wire between an AWS SDK and a service.
package enum AWSWire: String, Sendable, Hashable {
    /// AWS JSON 1.1: operation in `X-Amz-Target`, messages in JSON.
    case json
    /// Smithy RPC v2: operation in the path, messages in CBOR.
    case cbor
    /// REST JSON: operation and parameters in method, path, query and JSON body.
    case rest
}
