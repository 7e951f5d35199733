/// Credential and scope of a signed request (Signature Version 4).
package struct CredentialScope: Sendable, Hashable {
    /// Id of the access key.
    package let accessKey: String
    package let region: String
    /// Signing name of the service.
    package let service: String

    /// Parses the header field `Authorization`.
    ///
    /// - Returns: nil if it is no signature of version 4.
    package init?(_ authorization: String) {
        guard authorization.hasPrefix("AWS4-HMAC-SHA256 ") || authorization.hasPrefix("AWS4-ECDSA-P256-SHA256 "),
            let field = authorization.split(whereSeparator: { $0 == "," || $0 == " " }).first(where: {
                $0.hasPrefix("Credential=")
            })
        else { return nil }
        let parts = field.dropFirst("Credential=".count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[4] == "aws4_request", parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        accessKey = String(parts[0])
        region = String(parts[2])
        service = String(parts[3])
    }
}
