internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

// What a connection holds, and what its user may.
extension ConnectionHandler {
    /// Bounds what all connections of a user hold together; the one that goes beyond it has to go.
    func checkBudget(_ context: ChannelHandlerContext) {
        // The flush before may have found that the peer is gone; what was held is given back by then.
        guard chargeable(heldBytes) != charged, isActive, charge(for: heldBytes) else { return }
        ends(.userBytes)
        if unsent > 0 {
            closeSlowConsumer(context)
        } else {
            decoder = FrameDecoder(limits: environment.configuration.frameLimits)
            breakOff(.bufferFull(environment.configuration.userBytes))
            scheduleTurn(context)
        }
    }

    private var heldBytes: Int { decoder.heldBytes + machine.heldBytes + unsent + heldNotificationBytes }

    /// Has the user charged for the bytes that are held.
    ///
    /// - Returns: True if the user holds too many, and this connection holds more than before.
    @discardableResult
    func charge(for held: Int) -> Bool {
        let charge = chargeable(held)
        guard charge != charged else { return false }
        let all = environment.budget.charge(peer.uid, charge - charged)
        defer { charged = charge }
        return all > environment.configuration.userBytes && charge > charged
    }

    private func chargeable(_ bytes: Int) -> Int { bytes / BufferBudget.grain * BufferBudget.grain }
}
