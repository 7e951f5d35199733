internal import JoblineBackend
internal import JoblineProtocol

extension Method {
    /// Errors of this method in the contract, by the service's name, in the form for a call that did nothing.
    var answerableErrors: [String: WireError] {
        let descriptor = descriptor
        let kinds: [(kind: ErrorKinds, code: ServiceError.Code)] = [
            (.invalid, .invalid), (.invalidToken, .invalidToken), (.notFound, .notFound), (.conflict, .conflict),
            (.alreadyExists, .alreadyExists), (.quota, .quota),
        ]
        // The daemon's own errors, which every method has.
        let codes: [ServiceError.Code] =
            kinds.filter { descriptor.errors.contains($0.kind) }.map(\.code) + [.accessDenied, .failed, .unavailable]
        var errors = codes.map { code in
            // A quota error always names its quota.
            let isQuota = code == .quota
            let error = ServiceError(
                code, "", quotaName: isQuota ? "injected" : nil, quotaValue: isQuota ? 0 : nil)
            return WireError(error, from: self)
        }
        errors.append(
            WireError(
                .tooManyRequests, "", type: descriptor.errorTypes.throttled, retryable: true, processed: false))
        errors += descriptor.otherErrorTypes.map {
            WireError(.refused, "", type: $0, retryable: false, processed: false)
        }
        let named = errors.compactMap { error in error.type.map { ($0, error) } }
        return Dictionary(named) { first, _ in first }
    }
}
