internal import JoblineProtocol
internal import NIOCore

extension ConnectionDriver {
    /// Records that bytes arrived.
    func heard(_ generation: Generation) { machine.heard(generation, now: eventLoop.now) }

    /// Handles one frame from the server.
    ///
    /// The caller calls ``settle()`` once after all frames of a read.
    ///
    /// - Throws: An error if the frame is not a valid message.
    func received(_ frame: Frame, _ generation: Generation) throws(JSONError) {
        if let told = jobChanges.again(frame.body) { return jobChanged(generation, told) }
        switch try ServerMessage(frame) {
        case .reply(.integer(let id), let outcome) where machine.watches.contains(id):
            watchAnswered(generation, id, outcome)
        case .reply(.integer(let id), let outcome): answered(generation, id, outcome)
        case .reply(.string(let id), let outcome): ownRequestAnswered(generation, id, outcome)
        case .reply(nil, .failure(let error)): perform(machine.refused(generation, error))
        case .reply(nil, .success): violated(generation, "the daemon sent a result without an id")
        case .notification("Sidecar.Draining", _): perform(machine.drainNoticed(generation))
        case .notification("Sidecar.JobChanged", let params): jobChanged(generation, params, frame.body)
        case .notification: break
        }
    }

    func writabilityChanged(_ generation: Generation, _ isWritable: Bool) {
        machine.writabilityChanged(generation, isWritable)
        settle()
    }

    func violated(_ generation: Generation, _ message: String) {
        perform(machine.violated(generation, message))
        settle()
    }

    func lost(_ generation: Generation, cause: (any Error)?) {
        perform(machine.lost(generation, cause: cause))
        settle()
    }

    private func answered(_ generation: Generation, _ id: CallID, _ outcome: Result<ByteBuffer, WireError>) {
        switch machine.answered(generation, id) {
        case .deliver(let linkEnd):
            finish(id, outcome.mapError(CallFailure.server))
            perform(linkEnd)
            if case .failure(let error) = outcome, error.code == .unavailable, error.processed == false,
                machine.rejectedAsUnavailable(generation)
            {
                probe()
            }
        case .ignore(let linkEnd): perform(linkEnd)
        case .violation(let linkEnd): perform(linkEnd)
        }
    }
}
