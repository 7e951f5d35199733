package import JoblineProtocol
package import NIOCore

extension AWSRoute {
    /// Returns the response with a result.
    ///
    /// - Parameter result: Result as compact JSON.
    package func response(_ result: ByteBuffer) -> AWSResponse {
        do throws(JSONError) {
            return AWSResponse(status: 200, fields: wire.fields, body: try encode(result))
        } catch {
            return response(WireError(.internalError, "the result cannot be encoded"))
        }
    }

    /// Returns the response with an error.
    ///
    /// - Parameter error: Error of the daemon or of a service. Its type becomes the exception that an SDK throws.
    package func response(_ error: WireError) -> AWSResponse {
        let type = error.type ?? method.descriptor.errorTypes.name(of: error.code)
        var fields = [AWSResponse.Field("x-amzn-ErrorType", type)]
        if let wait = error.retryAfterMilliseconds, wait >= 0 {
            fields.append(AWSResponse.Field("x-amz-retry-after", "\(wait)"))
            fields.append(AWSResponse.Field("Retry-After", "\(Self.retrySeconds(wait))"))
        }
        return errorResponse(service.status(of: type), type, error.message, fields) { writer in
            if let name = error.quotaName { writer.member(named: "quotaName", name) }
            if let value = error.quotaValue { writer.member(named: "quotaValue", value) }
        }
    }

    /// Returns the response to a request whose body cannot be read.
    package func response(_ refusal: AWSRefusal) -> AWSResponse {
        errorResponse(
            refusal.status, refusal.type, refusal.message, [AWSResponse.Field("x-amzn-ErrorType", refusal.type)])
    }

    /// Seconds of `Retry-After`: rounded up, and at most 20, the longest backoff of the SDKs.
    static func retrySeconds(_ milliseconds: Int) -> Int {
        min(20, milliseconds / 1000 + (milliseconds % 1000 == 0 ? 0 : 1))
    }

    private func encode(_ json: ByteBuffer) throws(JSONError) -> ByteBuffer {
        switch wire {
        case .json, .rest: json
        case .cbor: try CBORWriter.message(json, timeMembers: service.timeMembers)
        }
    }

    private func errorResponse(
        _ status: Int, _ type: String, _ message: String, _ fields: [AWSResponse.Field],
        more: (inout JSONWriter) -> Void = { _ in }
    ) -> AWSResponse {
        var writer = JSONWriter()
        writer.object { writer in
            if wire != .rest { writer.member(named: "__type", type) }
            writer.member(named: service.messageMember, message)
            more(&writer)
        }
        let json = writer.finish()
        do throws(JSONError) {
            return AWSResponse(status: status, fields: wire.fields + fields, body: try encode(json))
        } catch {
            // The header field names the type.
            return AWSResponse(status: status, fields: wire.fields + fields, body: ByteBuffer())
        }
    }
}

extension AWSRefusal {
    /// Returns the response to a request that reaches no operation, in the form that its sender understands.
    ///
    /// - Parameter head: Head of the request; nil if it cannot be read.
    package func response(to head: AWSRequestHead?) -> AWSResponse {
        let field = AWSResponse.Field("x-amzn-ErrorType", type)
        if head?.expectsXML == true {
            return AWSResponse(
                status: status, fields: [AWSResponse.Field("Content-Type", "text/xml"), field],
                body: ByteBuffer(string: xml(isS3: head?.credentialScope?.service == "s3")))
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member(named: "__type", type)
            writer.member(named: "message", message)
        }
        let json = writer.finish()
        if head?.value(of: "smithy-protocol") != nil, let cbor = try? CBORWriter.message(json, timeMembers: []) {
            return AWSResponse(status: status, fields: AWSWire.cbor.fields + [field], body: cbor)
        }
        return AWSResponse(status: status, fields: AWSWire.json.fields + [field], body: json)
    }

    /// Error document of the services with XML.
    private func xml(isS3: Bool) -> String {
        let escaped = message.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        let error = "<Code>\(type)</Code><Message>\(escaped)</Message>"
        return isS3
            ? "<Error>\(error)</Error>" : "<ErrorResponse><Error><Type>Sender</Type>\(error)</Error></ErrorResponse>"
    }
}

extension AWSRequestHead {
    /// Credential scope of the signature; nil if the request is not signed.
    var credentialScope: CredentialScope? { value(of: "authorization").flatMap(CredentialScope.init) }

    /// Whether the request is one of a service with XML: S3, or one with forms, such as STS.
    fileprivate var expectsXML: Bool {
        mediaType == "application/x-www-form-urlencoded" || credentialScope?.service == "s3"
    }
}

extension ErrorTypes {
    /// Returns the service's name for an error that has none of its own.
    fileprivate func name(of code: WireError.Code) -> String {
        let name: String? =
            switch code {
            case .parseError, .invalidRequest, .methodNotFound: "SerializationException"
            case .invalidParams, .refused, .replyTooLarge: invalid
            case .forbidden: accessDenied
            case .notFound: notFound
            case .conflict: conflict ?? invalid
            case .tooManyRequests: throttled
            case .unavailable, .deadlineExceeded: unavailable
            default: internalError
            }
        return name ?? "InternalServerException"
    }
}
