internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// One request on its way through a service, from its parameters to the bytes of its reply.
struct Dispatch: Sendable {
    /// Decodes the parameters, checks them, and lets the method's service answer.
    typealias Answer = @Sendable (Method, Request, RequestContext) async throws -> any JSONEncodable

    let method: Method
    let request: Request
    let context: RequestContext
    let answer: Answer
    /// Keeps the answer; nil where nothing is to be kept.
    let cache: AnswerCache?
    let logger: Logger

    /// Carries the request out.
    ///
    /// - Returns: Its final reply, whatever happened.
    func run() async -> EncodedReply {
        let replyBytes = context.replyBytes
        do {
            let changes = cache?.changes ?? 0
            let result = try await answer(method, request, context)
            if let cache, let params = request.params, let basis = context.basis {
                let result = result.json()
                let reply = EncodedReply(JSONDocument(compact: result), to: request.replyAddress, cap: replyBytes)
                // Whatever id it is given with, it stays under the cap.
                if result.readableBytes < replyBytes / 2 {
                    cache.keep(result, of: method, params, basis, since: changes)
                }
                return reply
            }
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

    /// Logs what the wire does not tell. The text of an error that nobody wrote for the log may hold what was in the request,
    /// so that only its kind is told.
    private func report(_ error: any Error) {
        let text = (error as? ServiceError).flatMap { $0.code == .failed ? $0.message : nil } ?? "\(type(of: error))"
        logger.error(
            "service failed", metadata: ["method": "\(method.rawValue)", "code": "500", "error": "\(text)"])
    }
}
