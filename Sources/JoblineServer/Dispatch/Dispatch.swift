internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// Dispatch of one request to its service, from parameters to the bytes of the reply.
struct Dispatch: Sendable {
    /// Decodes and validates the parameters, and calls the method's service.
    typealias Answer = @Sendable (Method, Request, RequestContext) async throws -> any JSONEncodable

    let method: Method
    let request: Request
    let context: RequestContext
    let answer: Answer
    /// Cache that stores the result; nil if results of this method are not cached.
    let cache: ResponseCache?
    let logger: Logger

    /// Carries the request out.
    ///
    /// - Returns: The final reply: the result, or the error.
    func run() async -> EncodedReply {
        let replyBytes = context.replyBytes
        do {
            let changes = cache?.changes ?? 0
            let result = try await answer(method, request, context)
            if let cache, let params = request.params, let dependency = context.dependency {
                let result = result.json()
                let reply = EncodedReply(JSONDocument(compact: result), to: request.replyAddress, cap: replyBytes)
                // With the longest id, the reply still fits the cap.
                if result.readableBytes < replyBytes / 2 {
                    cache.keep(result, of: method, params, dependency, since: changes)
                }
                return reply
            }
            return EncodedReply(result, to: request.replyAddress, cap: replyBytes)
        } catch {
            return EncodedReply(wireError(for: error), to: request.replyAddress)
        }
    }

    /// Converts an error for the caller, and logs an internal error.
    func wireError(for error: any Error) -> WireError {
        let wireError = WireError(error, from: method)
        if wireError.code == .internalError { report(error) }
        return wireError
    }

    /// Logs an internal error. Only the text of a ``ServiceError`` was written for the log; that of any other error may hold
    /// parameters, so only its type is logged.
    private func report(_ error: any Error) {
        let text = (error as? ServiceError).flatMap { $0.code == .failed ? $0.message : nil } ?? "\(type(of: error))"
        logger.error(
            "service failed", metadata: ["method": "\(method.rawValue)", "code": "500", "error": "\(text)"])
    }
}
