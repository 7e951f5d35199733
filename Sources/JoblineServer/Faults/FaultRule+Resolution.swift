internal import JoblineProtocol

extension FaultRule {
    /// Validates the rule against the contract.
    ///
    /// - Returns: The fault of each method. A rule with an error applies to the methods that have this error in the contract.
    /// - Throws: For an invalid key, naming it and what is expected.
    func resolve() throws(ServerError) -> [Method: Fault] {
        try checkMembers()
        let methods = Method.allCases.filter(isAbout)
        guard !methods.isEmpty else {
            throw bad(
                "methods",
                "expected a method such as Personalize.CreateBatchSegmentJob, the beginning of some and *, or * for all but "
                    + "rpc and Sidecar, which are never touched; found \"\(self.methods)\"")
        }
        var faults: [Method: Fault] = [:]
        for method in methods {
            guard let name = throttle ? method.descriptor.errorTypes.throttled : error else {
                faults[method] = fault(nil)
                continue
            }
            if let failure = method.answerableErrors[name] { faults[method] = fault(failure) }
        }
        if faults.isEmpty {
            let names = Set(methods.flatMap(\.answerableErrors.keys)).sorted().joined(separator: ", ")
            throw bad("error", "\(self.methods) never answers with \(error ?? "this"), only with \(names)")
        }
        if after { try checkAmbiguity(of: faults) }
        return faults
    }

    private func checkMembers() throws(ServerError) {
        let isName = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isName) else {
            throw bad(nil, "a name is expected of 1 to 64 letters, digits, - and _")
        }
        guard !throttle || error == nil else {
            throw bad("error", "does not go with throttle; a rule does one of them")
        }
        guard throttle || error != nil || delayMilliseconds != nil || silence != nil else {
            throw bad(nil, "does nothing; throttle, error or delayMilliseconds is expected")
        }
        guard throttle || retryAfterMilliseconds == nil else {
            throw bad("retryAfterMilliseconds", "goes with throttle only")
        }
        guard silence == nil || !throttle && error == nil else {
            throw bad("silence", "does not go with an answer")
        }
        guard error != nil || silence == .endOfConnection || !after else { throw bad("after", "goes with error only") }
    }

    /// Rejects `after` with an error that promises that nothing was done.
    private func checkAmbiguity(of faults: [Method: Fault]) throws(ServerError) {
        let isAmbiguous = { (error: WireError) in error.code == .internalError || error.code == .unavailable }
        guard faults.values.compactMap(\.failure).allSatisfy(isAmbiguous) else {
            let errors = faults.keys.flatMap(\.answerableErrors.values).filter(isAmbiguous)
            let names = Set(errors.compactMap(\.type)).sorted().joined(separator: ", ")
            throw bad("after", "\(error ?? "this") means that nothing was done; only \(names) can come after the call")
        }
    }

    private func fault(_ failure: WireError?) -> Fault {
        var failure = failure
        failure?.message = "injected by faults.\(name)" + (after ? " after the call" : "")
        if failure?.code == .tooManyRequests {
            let advice = retryAfterMilliseconds ?? Self.defaultAdvice
            failure?.scope = "fault"
            failure?.retryAfterMilliseconds = advice
            failure?.retryable = advice >= 0
        }
        return Fault(
            rule: name, delay: delayMilliseconds.map { .milliseconds($0) }, failure: failure, silence: silence,
            comesAfter: after)
    }

    private func bad(_ key: String?, _ message: String) -> ServerError {
        let path = ["faults", name, key].compactMap(\.self).joined(separator: ".")
        return ServerError(.configuration, "\(path): \(message)")
    }
}
