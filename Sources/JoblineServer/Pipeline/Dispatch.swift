internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// Dispatch of one request to its service, from parameters to the bytes of the result.
struct Dispatch: Sendable {
    let request: PipelineRequest
    let context: RequestContext
    let answer: CallerSession.Answer
    /// Cache that stores the result; nil if results of this method are not cached.
    let cache: ResponseCache?
    let logger: Logger

    /// Carries the request out.
    func run() async -> PipelineResult {
        do {
            let changes = cache?.changes(for: request.method) ?? 0
            let result = try await answer(request.method, request.params, context).json()
            guard result.readableBytes <= context.resultBytes else {
                return .failure(.resultTooLarge(result.readableBytes, limit: context.resultBytes))
            }
            // Half of the limit, so that the reply fits with the longest id, too.
            if let cache, let params = request.params, let dependency = context.dependency,
                result.readableBytes < context.resultBytes / 2
            {
                cache.keep(result, of: request.method, params, dependency, since: changes)
            }
            return .success(result)
        } catch {
            return .failure(wireError(for: error))
        }
    }

    /// Converts an error for the caller, and logs an internal error.
    func wireError(for error: any Error) -> WireError {
        let wireError = WireError(error, from: request.method)
        if wireError.code == .internalError { report(error) }
        return wireError
    }

    /// Logs an internal error. Only the text of a ``ServiceError`` was written for the log; that of any other error may hold
    /// parameters, so only its type is logged.
    private func report(_ error: any Error) {
        let text = (error as? ServiceError).flatMap { $0.code == .failed ? $0.message : nil } ?? "\(type(of: error))"
        logger.error(
            "service failed", metadata: ["method": "\(request.method.rawValue)", "code": "500", "error": "\(text)"])
    }
}
