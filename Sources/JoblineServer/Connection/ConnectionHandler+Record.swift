internal import JoblineProtocol

// The one place through which every request goes once, when its outcome is decided: it is counted, and logged.
extension ConnectionHandler {
    /// - Parameters:
    ///   - method: nil if it does not exist, or is not known.
    ///   - traceparent: The caller's trace context.
    ///   - details: What was done about it, or was to be done.
    ///   - isWaiting: True if it waited for the one before it until now.
    ///   - instant: When the outcome was decided; nil: now.
    func record(
        _ method: Method?, _ id: RequestID?, _ traceparent: String?, _ outcome: EncodedReply.Outcome,
        _ details: RequestDetails? = nil, isWaiting: Bool = false, replyBytes: Int = 0, at instant: ServerInstant? = nil
    ) {
        let instant = instant ?? environment.instant
        if let jobs = details?.watchedJobs { metrics.watches(-1, jobs: -jobs) }
        let microseconds = details.flatMap { $0.isBegun ? $0.arrival.microseconds(to: instant) : nil }
        metrics.record(outcome, of: method, isWaiting: isWaiting, microseconds: microseconds, minute: instant.minute)
        log(method, id, traceparent, outcome, details, replyBytes: replyBytes, at: instant)
    }

    func record(_ subject: RequestWindow.Subject, _ outcome: EncodedReply.Outcome) {
        switch subject {
        case .begun(let key):
            let work = work[key]
            record(work?.method, work?.id, work?.traceparent, outcome, work?.details)
        case .waiting(let request):
            record(
                request.name.method, request.id, request.traceparent, outcome, isWaiting: true)
        }
    }
}
