internal import JoblineProtocol

extension Method {
    /// Every error with which the contract lets this method answer, by the service's own name for it, as it goes out when
    /// nothing was done.
    var answerableErrors: [String: WireError] {
        let descriptor = descriptor
        let kinds: [(kind: ErrorKinds, code: ServiceError.Code)] = [
            (.invalid, .invalid), (.invalidToken, .invalidToken), (.notFound, .notFound), (.conflict, .conflict),
            (.alreadyExists, .alreadyExists), (.quota, .quota),
        ]
        // The daemon's own answer any method.
        let codes: [ServiceError.Code] =
            kinds.filter { descriptor.errors.contains($0.kind) }.map(\.code) + [.accessDenied, .failed, .unavailable]
        var errors = codes.map { code in
            // Which quota is reached goes with every such error.
            let isQuota = code == .quota
            let error = ServiceError(
                code, "", quotaName: isQuota ? "injected" : nil, quotaValue: isQuota ? 0 : nil)
            return WireError(error, from: self)
        }
        errors.append(
            WireError(
                .tooManyRequests, "", type: descriptor.errorTypes.throttled, retryable: true, processed: false))
        errors += descriptor.refusals.map { WireError(.refused, "", type: $0, retryable: false, processed: false) }
        let named = errors.compactMap { error in error.type.map { ($0, error) } }
        return Dictionary(named) { first, _ in first }
    }
}
