internal import JoblineServer

extension TestServer {
    /// Injects a fault into the next calls. Faults of a method apply in the order of their injection.
    ///
    /// ```swift
    /// try jobline.inject(.throttled(retryAfter: .seconds(2)), next: 2, of: "Personalize.DescribeBatchSegmentJob")
    /// ```
    ///
    /// Each attempt of a client counts as one call.
    ///
    /// - Parameters:
    ///   - fault: Fault to inject.
    ///   - count: Number of calls to inject it into, at least 1.
    ///   - methods: A method such as `Personalize.CreateBatchSegmentJob`, a prefix followed by `*`, or `*` for all methods.
    ///     Faults never apply to methods of `rpc` and `Sidecar`.
    /// - Throws: ``TestServerError`` if no method matches, or the contract does not allow the error for it.
    public func inject(_ fault: Fault, next count: Int = 1, of methods: String = "*") throws(TestServerError) {
        do throws(ServerError) {
            if count > 0 { try faults.add(fault.rule(methods), count: count) }
        } catch {
            throw TestServerError(.fault, "the fault cannot be injected into \(methods): \(error.message)")
        }
    }

    /// Number of injected faults that have not occurred yet.
    public var pendingFaults: Int { faults.left }

    /// Removes all injected faults that have not occurred yet.
    public func clearFaults() { faults.clear() }
}
