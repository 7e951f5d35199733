import JoblineBackend
import JoblineProtocol
import NIOCore
import Synchronization

@testable import JoblineServer

/// Backend whose calls end at once or when the input says so, with any possible outcome.
final class ControlledBackend: Sendable {
    private struct Unknown: Error {}

    private struct State {
        var waiting: [(number: Int, ignoresCancellation: Bool, continuation: CheckedContinuation<Void, Never>)] = []
        var last = 0
        var isOpen = false
    }

    private let state = Mutex(State())
    /// Result that exceeds the maximum size of a reply.
    private let long: JSONDocument

    private let defaultTimeout: Duration

    init(_ configuration: ServerConfiguration) {
        defaultTimeout = configuration.defaultTimeout
        let replyBytes = configuration.replyBytes
        long = JSONDocument(compact: .init(string: "\"\(String(repeating: "x", count: replyBytes))\""))
    }

    /// Number of calls that have not ended.
    var waiting: Int { state.withLock(\.waiting.count) }

    /// Answers a request; what it does depends on the method, and on whether the request has a timeout of its own.
    @Sendable func answer(
        _ method: Method, _ params: ByteBuffer?, _ context: RequestContext
    ) async throws -> any JSONEncodable {
        switch method.descriptor.limitClass {
        case .unlimited: return RPC.PingResponse()
        case .write:
            await wait(ignoresCancellation: method.descriptor.retrySafety == .idempotent)
            throw ServiceError(.conflict, "so it is")
        case .read:
            guard context.deadline == context.arrival + defaultTimeout else { throw Unknown() }
            await wait(ignoresCancellation: false)
            if Task.isCancelled { throw CancellationError() }
            return method.descriptor.pagination == nil ? long : RPC.PingResponse()
        }
    }

    /// - Parameter ignoresCancellation: Whether the call continues after it is cancelled.
    private func wait(ignoresCancellation: Bool) async {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isOpen || Task.isCancelled && !ignoresCancellation { return true }
                    state.waiting.append((number, ignoresCancellation, continuation))
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            end { $0.number == number && !$0.ignoresCancellation }
        }
    }

    /// Ends the waiting calls for which `isDue` is true.
    private func end(
        _ isDue: (_ work: (number: Int, ignoresCancellation: Bool, continuation: CheckedContinuation<Void, Never>)) ->
            Bool
    ) {
        let due = state.withLock { state in
            let due = state.waiting.filter(isDue)
            state.waiting.removeAll(where: isDue)
            return due.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Ends the waiting call at an index.
    func endOne(at index: Int) {
        let number = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting[index % $0.waiting.count].number }
        end { $0.number == number }
    }

    /// Ends all waiting calls, and later ones at once.
    func open() {
        state.withLock { $0.isOpen = true }
        end { _ in true }
    }
}
