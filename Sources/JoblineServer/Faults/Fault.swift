internal import JoblineProtocol

/// What befalls one call.
struct Fault: Sendable, Hashable {
    /// The name of the rule that has it so.
    let rule: String
    /// How long the call waits before anything else is done about it.
    let delay: Duration?
    /// What is answered; nil: what the call comes to.
    let failure: WireError?
    /// True if the call is carried out before the failure is answered.
    let comesAfter: Bool
}

extension Dispatch {
    /// Carries the request out as a rule has it.
    ///
    /// - Parameters:
    ///   - fault: What befalls it.
    ///   - clock: Whose time the delay takes.
    /// - Returns: Its final reply, whatever happened.
    func run(_ fault: Fault, _ clock: MonotonicClock) async -> EncodedReply {
        do {
            if let delay = fault.delay { try await clock.sleep(delay) }
        } catch {
            // Its deadline passed or its caller gave up, before anything was begun.
            return EncodedReply(WireError.cancelled(processed: false), to: request.replyAddress)
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
