internal import JoblineAWS
internal import JoblineProtocol
internal import NIOCore

extension AWSRefusal {
    /// Code of the refusal in statistics.
    var code: WireError.Code { type == "UnknownOperationException" ? .methodNotFound : .invalidRequest }
}

extension WireError {
    /// Decodes an error that the pipeline has encoded.
    init(json: ByteBuffer) {
        do throws(JSONError) {
            self = try JSONReader.read(json) { (reader) throws(JSONError) in try WireError(from: &reader) }
        } catch {
            self = WireError(.internalError, "the error cannot be decoded")
        }
    }
}
