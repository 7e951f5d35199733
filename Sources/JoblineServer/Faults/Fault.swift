internal import JoblineBackend
internal import JoblineProtocol

/// Fault to inject into one call.
struct Fault: Sendable, Hashable {
    /// Name of the rule.
    let rule: String
    /// Delay before the call is handled.
    let delay: Duration?
    /// Error to answer with; nil for the call's own result.
    let failure: WireError?
    /// Way not to answer; nil if the call is answered.
    let silence: FaultRule.Silence?
    /// Whether the call is carried out before it fails.
    let comesAfter: Bool
}

extension Dispatch {
    /// Carries the request out with a fault.
    ///
    /// - Parameters:
    ///   - fault: Fault to inject.
    ///   - clock: Clock of the delay.
    func run(_ fault: Fault, _ clock: MonotonicClock) async -> PipelineResult {
        let left = context.deadline.map { clock.now().duration(to: $0) }
        do {
            if let delay = fault.delay { try await clock.sleep(delay) }
            if fault.silence == .untilDeadline, let left, left > .zero { try await clock.sleep(left) }
        } catch {
            // The deadline passed or the caller cancelled before any work.
            return .failure(.cancelled(processed: false))
        }
        if let deadline = context.deadline, clock.now() >= deadline {
            return .failure(.deadlineExceeded(processed: false))
        }
        if fault.silence == .endOfConnection {
            if fault.comesAfter { _ = await carryOut() }
            return nil
        }
        guard var failure = fault.failure else { return await run() }
        if fault.comesAfter { failure.processed = await carryOut() }
        return .failure(failure)
    }

    /// Carries the request out and drops its result.
    ///
    /// - Returns: False if it is certain that nothing was done, otherwise nil: the caller must not know.
    private func carryOut() async -> Bool? {
        do {
            _ = try await answer(request.method, request.params, context)
            return nil
        } catch {
            return wireError(for: error).processed
        }
    }
}
