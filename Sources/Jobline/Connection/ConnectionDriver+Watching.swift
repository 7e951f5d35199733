internal import JoblineProtocol
internal import NIOCore

extension ConnectionDriver {
    func submitWatch(_ id: CallID, _ watch: OutgoingWatch) {
        switch machine.submitWatch(id, deadline: watch.deadline, now: eventLoop.now) {
        case .wait: watches[id] = watch
        case .connect(let generation):
            watches[id] = watch
            connect(generation)
        case .refuse(let failure): watch.ended(failure)
        }
        settle()
    }

    func cancelWatch(_ id: CallID) {
        watches[id] = nil
        if machine.cancelWatch(id) { tellServer(toCancel: id) }
        settle()
    }

    /// Ends all watches; calls and the connection stay.
    func endWatches() {
        let action = machine.endWatches()
        for id in action.tellServer { tellServer(toCancel: id) }
        end(action.ended)
        settle()
    }

    func jobChanged(_ generation: Generation, _ params: ByteBuffer?, _ body: ByteBuffer) {
        guard let params, let told = try? jobChanges.read(params, of: body) else {
            violated(generation, "the daemon sent an invalid job notification")
            return
        }
        jobChanged(generation, told)
    }

    func jobChanged(_ generation: Generation, _ told: JobChangeReader.Told) {
        guard case .integer(let id) = told.watch, machine.watchNotified(generation, id) else { return }
        watches[id]?.changed(told.change)
    }

    func watchAnswered(_ generation: Generation, _ id: CallID, _ outcome: Result<ByteBuffer, WireError>) {
        var error: WireError?
        if case .failure(let refusal) = outcome { error = refusal }
        switch machine.watchAnswered(generation, id, error, now: eventLoop.now) {
        case .finish: finishWatch(id, nil)
        case .fail(let failure): finishWatch(id, failure)
        case .none: break
        case .violation(let linkEnd): perform(linkEnd)
        }
    }

    func finishWatch(_ id: CallID, _ failure: CallFailure?) {
        watches.removeValue(forKey: id)?.ended(failure)
    }
}
