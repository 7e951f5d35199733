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
    /// Response to a request that reaches no operation, in the form that every SDK and a person can read.
    package var response: AWSResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member(named: "__type", type)
            writer.member(named: "message", message)
        }
        return AWSResponse(
            status: status, fields: AWSWire.json.fields + [AWSResponse.Field("x-amzn-ErrorType", type)],
            body: writer.finish())
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
