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

    private enum Outcome {
        case answered(bytes: Int)
        case refused(RateLimiter.Refusal)
    }

    /// Answers a request that need not even be read.
    ///
    /// - Returns: False if it has to be.
    func answerUnread(_ frame: Frame, _ context: ChannelHandlerContext) -> Bool {
        guard let answers = answersAtHand else { return false }
        return frame.body.withUnsafeReadableBytes { body in
            guard let request = PlainRequest(body) else { return false }
            let question = Question(
                method: request.method, params: request.params,
                address: ReplyAddress(form: frame.form, id: .integer(request.id)))
            guard answer(question, from: answers, context) else { return false }
            tally.received()
            return true
        }
    }

    /// Answers a request that need not go to its service.
    ///
    /// - Returns: False if it has to.
    func answerAgain(_ request: Request, _ method: Method, _ context: ChannelHandlerContext) -> Bool {
        guard let answers = answersAtHand, let params = request.params, let address = request.replyAddress else {
            return false
        }
        return params.withUnsafeReadableBytes { params in
            let question = Question(
                method: method, params: params, address: address, traceparent: request.traceparent)
            return answer(question, from: answers, context)
        }
    }

    /// Where something goes wrong on purpose, everything goes the whole way.
    private var answersAtHand: AnswerCache? { environment.faults == nil ? environment.answers : nil }

    private func answer(_ question: Question, from answers: AnswerCache, _ context: ChannelHandlerContext) -> Bool {
        let method = question.method
        guard WorkScheduler.Lane.of(method) == .read, machine.wouldBegin(question.address.id),
            rights(context) == .all || rights(context).allow(method.descriptor.limitClass)
        else { return false }
        let address = question.address
        let outcome = answers.withResult(of: method, question.params, at: time(of: answers)) { result -> Outcome in
            let refusal = environment.limiter.refusal(of: method, uid: peer.uid, now: turnBegan.nanoseconds)
            if let refusal { return .refused(refusal) }
            return .answered(
                bytes: Frame.append(address.form, id: address.id, result, isError: false, to: &outgoing))
        }
        switch outcome {
        case .answered(let bytes):
            let effort = Effort(arrival: turnBegan, requestBytes: question.params.count, isBegun: true)
            record(method, address.id, question.traceparent, .success, effort, replyBytes: bytes, at: turnBegan)
        case .refused(let refusal): refuse(question, refusal)
        case nil: return false
        }
        return true
    }

    /// Of those who come too fast, most come too fast within the same millisecond.
    private func refuse(_ question: Question, _ refusal: RateLimiter.Refusal) {
        record(question.method, question.address.id, question.traceparent, .failure(.tooManyRequests), at: turnBegan)
        let written: WrittenRefusal
        if let last = self.refusal, last.says(refusal, of: question.method) {
            written = last
        } else {
            written = WrittenRefusal(refusal, of: question.method, uid: peer.uid)
            self.refusal = written
        }
        _ = written.error.withUnsafeReadableBytes { error in
            Frame.append(question.address.form, id: question.address.id, error, isError: true, to: &outgoing)
        }
    }

    /// The clock of the answers, read once a turn.
    private func time(of answers: AnswerCache) -> Timestamp {
        if let timeOfAnswers { return timeOfAnswers }
        let time = answers.now
        timeOfAnswers = time
        return time
    }
}

/// What a request that came too fast is told, as JSON.
struct WrittenRefusal {
    private let method: Method
    private let scope: RateLimiter.Scope
    private let retryAfterMilliseconds: Int
    let error: ByteBuffer

    init(_ refusal: RateLimiter.Refusal, of method: Method, uid: UInt32) {
        self.method = method
        scope = refusal.scope
        retryAfterMilliseconds = refusal.retryAfterMilliseconds
        error = WireError(refusal, of: method, uid: uid).json()
    }

    /// True if another refusal is told in the same words.
    func says(_ refusal: RateLimiter.Refusal, of method: Method) -> Bool {
        method == self.method && refusal.scope == scope && refusal.retryAfterMilliseconds == retryAfterMilliseconds
    }
}
