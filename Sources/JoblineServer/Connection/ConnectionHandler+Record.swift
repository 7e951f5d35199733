internal import JoblineProtocol

// The one place through which every request goes once, when its outcome is decided: it is counted, and logged.
extension ConnectionHandler {
    /// - Parameters:
    ///   - method: nil if it does not exist, or is not known.
    ///   - traceparent: The caller's trace context.
    ///   - work: What was done about it, or was to be done.
    ///   - isWaiting: True if it waited for the one before it until now.
    ///   - isAnswered: True if it needed no task.
    func record(
        _ method: Method?, _ id: RequestID?, _ traceparent: String?, _ outcome: EncodedReply.Outcome,
        _ work: Work? = nil, isWaiting: Bool = false, isAnswered: Bool = false, replyBytes: Int = 0
    ) {
        let now = now
        let begun = isAnswered || work?.task != nil ? work : nil
        if let jobs = work?.watchedJobs { tally.watches(-1, jobs: -jobs) }
        tally.record(
            outcome, of: method, isWaiting: isWaiting,
            microseconds: begun.map { Int($0.arrival.duration(to: now).nanoseconds / 1000) },
            minute: environment.origin.minutes(to: now))
        log(method, id, traceparent, outcome, work, replyBytes: replyBytes)
    }

    func record(_ subject: RequestWindow.Subject, _ outcome: EncodedReply.Outcome) {
        switch subject {
        case .begun(let key):
            let work = work[key]
            record(work?.method, work?.id, work?.traceparent, outcome, work)
        case .waiting(let request):
            record(
                request.name.method, request.id, request.traceparent, outcome, isWaiting: true)
        }
    }
}

extension ContinuousClock.Instant {
    /// Whole minutes until a later instant.
    func minutes(to later: Self) -> Int { Int(duration(to: later).components.seconds / 60) }
}
