internal import JoblineProtocol
internal import NIOCore

extension JoblineClient {
    /// Makes one call of the contract that refers to a job.
    ///
    /// - Parameters:
    ///   - method: Method to call.
    ///   - params: Parameters of the method.
    ///   - job: Job that the call refers to, for errors.
    ///   - options: Options of this call.
    /// - Returns: The decoded result.
    package func call<Response: JSONDecodable>(
        _ method: Method, _ params: some JSONEncodable, about job: JobReference, options: CallOptions
    ) async throws(JoblineError) -> Response {
        do throws(JoblineError) {
            return try await call(method, params, options: options)
        } catch {
            var error = error
            error.job = job
            throw error
        }
    }

    /// Makes one call of the contract that refers to no job, or starts one.
    package func call<Response: JSONDecodable>(
        _ method: Method, _ params: some JSONEncodable, options: CallOptions
    ) async throws(JoblineError) -> Response {
        let deadline = dependencies.now() + (options.timeout ?? configuration.timeout)
        do throws(JoblineError) {
            return try await once(method, params, options: options)
        } catch {
            guard error.outcomeUnknown, configuration.looksUpNames, let creation = params as? any NamedCreation,
                let response = try await settle(creation, method, after: error, deadline: deadline, options)
                    as? Response
            else { throw error }
            return response
        }
    }

    /// Makes one call without looking up its outcome if that is unknown.
    func once<Response: JSONDecodable>(
        _ method: Method, _ params: some JSONEncodable, options: CallOptions
    ) async throws(JoblineError) -> Response {
        let safety = method.descriptor.retrySafety
        let result = try await perform(.known(method), params.json(), safety: safety, options)
        do throws(JSONError) {
            return try Response(json: result)
        } catch {
            let place = error.path.isEmpty ? "" : "\(error.pathDescription): "
            throw JoblineError(
                .decoding, "the result is not what the contract says: \(place)\(error.message)",
                method: method.rawValue, cause: error, attempts: 1, outcomeUnknown: safety != .readonly)
        }
    }

    /// Makes any call, with parameters and result as JSON text.
    ///
    /// Intended for proxies, and for methods that this version of the SDK does not know. Unknown methods are retried
    /// only if the first request was certainly not executed.
    ///
    /// - Parameters:
    ///   - method: `Service.Operation`, such as `Personalize.DescribeBatchSegmentJob`.
    ///   - json: Parameters, as one JSON object.
    ///   - options: Options of this call.
    /// - Returns: The result as JSON text.
    /// - Throws: ``JoblineError``; code `encoding` if `json` is not an object.
    public func call(
        _ method: String, json: String = "{}", options: CallOptions = CallOptions()
    ) async throws(JoblineError) -> String {
        guard let params = JSONDocument(json) else {
            throw JoblineError(.encoding, "the parameters are not valid JSON", method: method)
        }
        guard params.string.first == "{" else {
            throw JoblineError(.encoding, "the parameters have to be one JSON object", method: method)
        }
        let result = try await perform(
            MethodName(method), params.json(), safety: Self.safety(of: method, with: params), options)
        return String(buffer: result)
    }

    /// Retry safety of a request; without its token the service cannot detect a duplicate, so the request is not
    /// retried.
    private static func safety(of method: String, with params: JSONDocument) -> MethodDescriptor.RetrySafety {
        guard let safety = Method(rawValue: method)?.descriptor.retrySafety else { return .never }
        guard safety == .token else { return safety }
        return (try? TokenHolder(json: params.json()))?.hasToken == true ? .token : .never
    }

    /// Returns a random idempotency token of 36 characters of `[a-zA-Z0-9-]`.
    ///
    /// Calls that accept a token create one by default. Pass one if the program may restart and repeat the call.
    ///
    /// - Returns: A new random token.
    public func makeToken() -> String { dependencies.token() }

    private func perform(
        _ method: MethodName, _ params: ByteBuffer, safety: MethodDescriptor.RetrySafety, _ options: CallOptions
    ) async throws(JoblineError) -> ByteBuffer {
        guard pendingCalls.begin() else {
            throw JoblineError(.closed, "the client is closed; create a new one", method: method.text)
        }
        defer { pendingCalls.end() }
        let span = CallSpan(method.text, tracer: configuration.tracer)
        let traceparent = options.traceparent ?? span?.traceparent
        return try await retrier.run(
            method.text, safety: safety, policy: options.retry ?? configuration.retry,
            timeout: options.timeout ?? configuration.timeout, observer: span
        ) { (remaining) throws(CallFailure) in
            try await connection.call(method, params, timeout: remaining, traceparent: traceparent)
        }
    }
}

/// Decoder that checks parameters for an idempotency token; the contract uses one name for it.
private struct TokenHolder: JSONDecodable {
    var hasToken = false

    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "ClientRequestToken": hasToken = try !reader.string().isEmpty
            default: try reader.skip()
            }
        }
    }
}
