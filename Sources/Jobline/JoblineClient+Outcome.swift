internal import JoblineProtocol

extension JoblineClient {
    /// Looks up the outcome of a creation, and sends the request again if no resource has its name.
    ///
    /// - Parameters:
    ///   - creation: Request whose outcome is unknown.
    ///   - method: Method of the request.
    ///   - failure: Error of the request.
    ///   - deadline: Deadline of the call.
    ///   - options: Options of the call.
    /// - Returns: The lost response, or the response to the second request.
    /// - Throws: `failure` if the lookup fails or the deadline passed; code `conflict` if another resource has the
    ///   name.
    func settle<Creation: NamedCreation>(
        _ creation: Creation, _ method: Method, after failure: JoblineError, deadline: Duration, _ options: CallOptions
    ) async throws(JoblineError) -> Creation.Response {
        if let found = try await look(creation, method, failure, deadline, options) { return found }
        let policy = options.retry ?? configuration.retry
        guard failure.attempts < policy.maximumAttempts else { throw failure }
        var options = try remaining(until: deadline, options, failure)
        // Attempts before and after the lookup count together.
        options.retry = RetryPolicy(maximumAttempts: policy.maximumAttempts - failure.attempts)
        guard retrier.quota.take(RetryQuota.cost) else { throw failure }
        do throws(JoblineError) {
            let response: Creation.Response = try await once(method, creation, options: options)
            retrier.quota.succeeded(taken: RetryQuota.cost)
            return response
        } catch {
            var error = error
            error.attempts += failure.attempts
            // The first request may have been executed after the lookup.
            guard error.code == .conflict || error.outcomeUnknown else { throw error }
            guard let found = try await look(creation, method, error, deadline, options) else { throw error }
            return found
        }
    }

    private func look<Creation: NamedCreation>(
        _ creation: Creation, _ method: Method, _ failure: JoblineError, _ deadline: Duration, _ options: CallOptions
    ) async throws(JoblineError) -> Creation.Response? {
        let options = try remaining(until: deadline, options, failure)
        let found: FoundCreation<Creation.Response>?
        do throws(JoblineError) {
            found = try await creation.find(self, options: options)
        } catch {
            throw failure
        }
        switch found {
        case nil: return nil
        case .same(let response): return response
        case .different:
            throw JoblineError(
                .conflict, "the name is taken by another job, which stays as it is", method: method.rawValue,
                attempts: failure.attempts)
        }
    }

    private func remaining(
        until deadline: Duration, _ options: CallOptions, _ failure: JoblineError
    ) throws(JoblineError) -> CallOptions {
        let left = deadline - dependencies.now()
        guard left > .zero else { throw failure }
        var options = options
        options.timeout = left
        return options
    }
}
