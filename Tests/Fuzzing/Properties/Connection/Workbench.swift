import JoblineBackend
import JoblineProtocol
import NIOCore
import Synchronization

@testable import JoblineServer

/// A service whose work ends when the input says so, or at once, with whatever a service may end with.
final class Workbench: Sendable {
    private struct Unknown: Error {}

    private struct State {
        var waiting: [(number: Int, isStubborn: Bool, continuation: CheckedContinuation<Void, Never>)] = []
        var last = 0
        var isOpen = false
    }

    private let state = Mutex(State())
    /// Longer than the cap on replies.
    private let long: JSONDocument

    init(replyBytes: Int) {
        long = JSONDocument(compact: .init(string: "\"\(String(repeating: "x", count: replyBytes))\""))
    }

    /// Work that has begun and not ended.
    var waiting: Int { state.withLock(\.waiting.count) }

    func answer(_ method: Method, _ request: Request, _ context: RequestContext) async throws -> any JSONEncodable {
        switch method.descriptor.limitClass {
        case .unlimited: return RPC.PingResponse()
        case .write:
            await wait(isStubborn: method.descriptor.retrySafety == .idempotent)
            throw ServiceError(.conflict, "so it is")
        case .read:
            guard request.timeoutMilliseconds == nil else { throw Unknown() }
            await wait(isStubborn: false)
            if Task.isCancelled { throw CancellationError() }
            return method.descriptor.pagination == nil ? long : RPC.PingResponse()
        }
    }

    /// - Parameter isStubborn: True for work that does not care that it is cancelled.
    private func wait(isStubborn: Bool) async {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isOpen || Task.isCancelled && !isStubborn { return true }
                    state.waiting.append((number, isStubborn, continuation))
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            end { $0.number == number && !$0.isStubborn }
        }
    }

    /// Ends some of the work that waits.
    private func end(
        _ isDue: (_ work: (number: Int, isStubborn: Bool, continuation: CheckedContinuation<Void, Never>)) -> Bool
    ) {
        let due = state.withLock { state in
            let due = state.waiting.filter(isDue)
            state.waiting.removeAll(where: isDue)
            return due.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Ends the work at this place among those that wait.
    func endOne(at place: Int) {
        let number = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting[place % $0.waiting.count].number }
        end { $0.number == number }
    }

    /// Ends all that waits, and from now on at once.
    func open() {
        state.withLock { $0.isOpen = true }
        end { _ in true }
    }
}
