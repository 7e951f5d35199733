package import NIOCore

extension Method {
    /// Decodes the parameters of a request and checks their constraints.
    ///
    /// - Parameter params: JSON object; nil is equivalent to an empty one.
    /// - Throws: The error to reply: -32602 with the service's own name for it and the path of the invalid member.
    package func decode<Parameters: JSONDecodable & Constrained>(
        _ params: ByteBuffer?, as type: Parameters.Type = Parameters.self
    ) throws(WireError) -> Parameters {
        let parameters: Parameters
        do throws(JSONError) {
            parameters = try Parameters(json: params ?? ByteBuffer(staticString: "{}"))
        } catch {
            throw invalidParams(error.message, path: error.pathDescription)
        }
        do throws(ConstraintViolation) {
            try parameters.checkConstraints()
        } catch {
            throw invalidParams(error.message, path: error.path)
        }
        return parameters
    }

    /// Returns the error for invalid parameters.
    ///
    /// - Parameters:
    ///   - message: Description of the problem.
    ///   - path: Invalid member; empty for the parameters as a whole.
    package func invalidParams(_ message: String, path: String) -> WireError {
        var error = WireError(
            .invalidParams, path.isEmpty ? message : "\(path): \(message)", type: descriptor.invalidType(at: path),
            retryable: false, processed: false)
        error.path = path.isEmpty ? nil : path
        return error
    }
}
