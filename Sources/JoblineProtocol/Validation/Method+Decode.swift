package import NIOCore

extension Method {
    /// Reads the parameters of a request and checks them against the contract.
    ///
    /// - Parameter params: A JSON object; nil counts as an empty one.
    /// - Throws: What to answer instead: -32602 under the service's own name for it, with the path of the member at fault.
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

    /// The refusal of parameters that do not fit.
    ///
    /// - Parameters:
    ///   - message: What is wrong.
    ///   - path: The member at fault; empty for the parameters as a whole.
    package func invalidParams(_ message: String, path: String) -> WireError {
        var error = WireError(
            .invalidParams, path.isEmpty ? message : "\(path): \(message)", type: descriptor.invalidType(at: path),
            retryable: false, processed: false)
        error.path = path.isEmpty ? nil : path
        return error
    }
}
