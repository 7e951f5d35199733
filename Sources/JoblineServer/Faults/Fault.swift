internal import JoblineProtocol

/// What befalls one call.
struct Fault: Sendable, Hashable {
    /// The name of the rule that has it so.
    let rule: String
    /// How long the call waits before anything else is done about it.
    let delay: Duration?
    /// What is answered; nil: what the call comes to.
    let failure: WireError?
    /// What is done in place of an answer; nil: there is one.
    let silence: FaultRule.Silence?
    /// True if the call is carried out before it fails.
    let comesAfter: Bool
}

extension Dispatch {
    /// Carries the request out as a rule has it.
    ///
    /// - Parameters:
    ///   - fault: What befalls it.
    ///   - clock: Whose time the delay takes.
    /// - Returns: Its final reply, whatever happened; nil if its connection is to end instead.
    func run(_ fault: Fault, _ clock: MonotonicClock) async -> EncodedReply? {
        let left = context.deadline.map { clock.now().duration(to: $0) }
        do {
            if let delay = fault.delay { try await clock.sleep(delay) }
            if fault.silence == .untilDeadline, let left, left > .zero { try await clock.sleep(left) }
        } catch {
            // Its deadline passed or its caller gave up, before anything was begun.
            return EncodedReply(WireError.cancelled(processed: false), to: request.replyAddress)
        }
        if let deadline = context.deadline, clock.now() >= deadline {
            return EncodedReply(WireError.deadlineExceeded(processed: false), to: request.replyAddress)
        }
        if fault.silence == .endOfConnection {
            if fault.comesAfter { _ = await carryOut() }
            return nil
        }
        guard var failure = fault.failure else { return await run() }
        if fault.comesAfter { failure.processed = await carryOut() }
        return EncodedReply(failure, to: request.replyAddress)
    }

    /// Carries the request out for what it does, not for what it answers.
    ///
    /// - Returns: False if it is certain that nothing was done; else nil, because the caller is not to know.
    private func carryOut() async -> Bool? {
        do {
            _ = try await answer(method, request, context)
            return nil
        } catch {
            return wireError(for: error).processed
        }
    }
}
