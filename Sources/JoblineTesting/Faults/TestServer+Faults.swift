internal import JoblineServer

extension TestServer {
    /// Has the next calls go wrong. Faults of the same method befall its calls in the order in which they were injected.
    ///
    /// ```swift
    /// try jobline.inject(.throttled(retryAfter: .seconds(2)), next: 2, of: "Personalize.DescribeBatchSegmentJob")
    /// ```
    ///
    /// A retry of the client is a call of its own.
    ///
    /// - Parameters:
    ///   - fault: What goes wrong.
    ///   - count: How many calls, at least 1.
    ///   - methods: A method such as `Personalize.CreateBatchSegmentJob`, the beginning of some and `*`, or `*` for all. Calls of
    ///     `rpc` and `Sidecar` never go wrong.
    /// - Throws: ``TestServerError`` if there is no such method, or the contract does not let it answer so.
    public func inject(_ fault: Fault, next count: Int = 1, of methods: String = "*") throws(TestServerError) {
        do throws(ServerError) {
            if count > 0 { try faults.add(fault.rule(methods), count: count) }
        } catch {
            throw TestServerError(.fault, "the fault cannot be injected into \(methods): \(error.message)")
        }
    }

    /// How many calls are still to go wrong.
    public var pendingFaults: Int { faults.left }

    /// Has no further call go wrong.
    public func clearFaults() { faults.clear() }
}
