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
        return answers.withResult(of: method, question.params) { result in
            if let refusal = environment.limiter.refusal(of: method, uid: peer.uid, now: turnBegan.nanoseconds) {
                let error = WireError(refusal, of: method, uid: peer.uid)
                record(method, question.address.id, question.traceparent, .failure(error.code))
                write(.error(error), to: question.address)
                return
            }
            let bytes = Frame.append(question.address.form, id: question.address.id, result: result, to: &outgoing)
            let effort = Effort(arrival: turnBegan.instant, requestBytes: question.params.count, isBegun: true)
            record(method, question.address.id, question.traceparent, .success, effort, replyBytes: bytes, at: turnBegan)
        } != nil
    }
}
