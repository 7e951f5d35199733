internal import JoblineProtocol
internal import Logging

/// One request on its way through a service, from its parameters to the bytes of its reply.
struct Dispatch: Sendable {
    /// Decodes the parameters, checks them, and lets the method's service answer.
    typealias Answer = @Sendable (Method, Request, RequestContext) async throws -> any JSONEncodable

    let method: Method
    let request: Request
    let context: RequestContext
    /// Largest reply, in bytes.
    let replyBytes: Int
    let answer: Answer
    let logger: Logger

    /// Carries the request out.
    ///
    /// - Returns: Its final reply, whatever happened.
    func run() async -> EncodedReply {
        do {
            let result = try await answer(method, request, context)
            return EncodedReply(result, to: request.replyAddress, cap: replyBytes)
        } catch {
            return EncodedReply(wireError(for: error), to: request.replyAddress)
        }
    }

    /// What the caller is told of an error; the log is told the rest.
    func wireError(for error: any Error) -> WireError {
        let wireError = WireError(error, from: method)
        if wireError.code == .internalError { report(error) }
        return wireError
    }

    /// Logs what the wire does not tell: the kind of the error, and never what was in the request.
    private func report(_ error: any Error) {
        var metadata: Logger.Metadata = ["method": "\(method.rawValue)", "error": "\(type(of: error))"]
        if let error = error as? ServiceError, let cause = error.cause {
            metadata["cause"] = "\(type(of: cause))"
        }
        logger.error("service failed", metadata: metadata)
    }
}
