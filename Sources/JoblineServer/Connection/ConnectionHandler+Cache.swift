internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

// Replies that take no work, because the answer is at hand.
extension ConnectionHandler {
    /// What the answer at hand, and the way to it, depend on.
    private struct Question {
        let method: Method
        let params: UnsafeRawBufferPointer
        let address: ReplyAddress
        var traceparent: String?
    }

    /// What came of looking for an answer.
    enum CacheLookup {
        /// The reply is written.
        case answered
        /// None is at hand. The request is within the limits, which have counted it.
        case passed
        /// It is no request of which an answer could be at hand.
        case none
    }

    /// Answers a request that need not even be read.
    func lookUnread(_ frame: Frame, _ context: ChannelHandlerContext) -> CacheLookup {
        guard let answers = answersAtHand else { return .none }
        return frame.body.withUnsafeReadableBytes { body in
            guard let request = PlainRequest(body) else { return .none }
            let question = Question(
                method: request.method, params: request.params,
                address: ReplyAddress(form: frame.form, id: .integer(request.id)))
            return look(for: question, in: answers, context)
        }
    }

    /// Answers a request that need not go to its service.
    func look(for request: Request, _ method: Method, _ context: ChannelHandlerContext) -> CacheLookup {
        guard let answers = answersAtHand, let params = request.params, let address = request.replyAddress else {
            return .none
        }
        return params.withUnsafeReadableBytes { params in
            let question = Question(
                method: method, params: params, address: address, traceparent: request.traceparent)
            return look(for: question, in: answers, context)
        }
    }

    /// Where something goes wrong on purpose, everything goes the whole way.
    private var answersAtHand: ResponseCache? { environment.faults == nil ? environment.answers : nil }

    private func look(
        for question: Question, in answers: ResponseCache, _ context: ChannelHandlerContext
    ) -> CacheLookup {
        let (method, address) = (question.method, question.address)
        guard WorkScheduler.RequestClass.of(method) == .read, machine.wouldBegin(address.id),
            rights(context).allow(.read)
        else { return .none }
        if let refusal = environment.limiter.refusal(of: method, uid: peer.uid, now: turnBegan.nanoseconds) {
            refuse(question, refusal)
            return .answered
        }
        let bytes = answers.withResult(of: method, question.params, at: time(of: answers)) { result in
            write(result, isError: false, to: address)
        }
        guard let bytes else { return .passed }
        let details = RequestDetails(arrival: turnBegan, requestBytes: question.params.count, isBegun: true)
        record(method, address.id, question.traceparent, .success, details, replyBytes: bytes, at: turnBegan)
        return .answered
    }

    /// Of those who come too fast, most come too fast within the same millisecond, over whichever connection.
    private func refuse(_ question: Question, _ refusal: RateLimiter.Refusal) {
        record(question.method, question.address.id, question.traceparent, .failure(.tooManyRequests), at: turnBegan)
        let written: WrittenRefusal
        if let last = output.refusal, last.says(refusal, of: question.method, uid: peer.uid) {
            written = last
        } else {
            written = WrittenRefusal(refusal, of: question.method, uid: peer.uid)
            output.refusal = written
        }
        _ = written.error.withUnsafeReadableBytes { write($0, isError: true, to: question.address) }
    }

    /// The clock of the answers, read once a turn.
    private func time(of answers: ResponseCache) -> Timestamp {
        if let timeOfAnswers { return timeOfAnswers }
        let time = answers.now
        timeOfAnswers = time
        return time
    }
}

/// What a request that came too fast is told, as JSON.
final class WrittenRefusal {
    private let scope: RateLimiter.Scope
    private let retryAfterMilliseconds: Int
    private let method: Method
    private let uid: UInt32
    let error: ByteBuffer

    init(_ refusal: RateLimiter.Refusal, of method: Method, uid: UInt32) {
        scope = refusal.scope
        retryAfterMilliseconds = refusal.retryAfterMilliseconds
        self.method = method
        self.uid = uid
        error = WireError(refusal, of: method, uid: uid).json()
    }

    /// True if another refusal is told in the same words.
    func says(_ refusal: RateLimiter.Refusal, of method: Method, uid: UInt32) -> Bool {
        refusal.scope == scope && refusal.retryAfterMilliseconds == retryAfterMilliseconds && method == self.method
            && uid == self.uid
    }
}
