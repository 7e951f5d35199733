import Synchronization

/// Doors by name at which work stops until the test opens them, so that tests decide the order of things.
final class Gates: Sendable {
    private struct Gate {
        var isOpen = false
        var arrivals = 0
        var cancellations = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var observers: [(isReady: @Sendable (Int, Int) -> Bool, CheckedContinuation<Void, Never>)] = []
    }

    private struct State {
        var gates: [String: Gate] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Waits until the gate is open; a cancellation gets through at once.
    func pass(_ name: String) async throws {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                change(name) { gate in
                    gate.arrivals += 1
                    if Task.isCancelled {
                        gate.cancellations += 1
                        return { continuation.resume(throwing: CancellationError()) }
                    }
                    if gate.isOpen { return { continuation.resume() } }
                    gate.waiting[number] = continuation
                    return {}
                }
            }
        } onCancel: {
            change(name) { gate in
                guard let continuation = gate.waiting.removeValue(forKey: number) else { return {} }
                gate.cancellations += 1
                return { continuation.resume(throwing: CancellationError()) }
            }
        }
    }

    /// Opens the gate for those who wait and those who come.
    func open(_ name: String) {
        change(name) { gate in
            gate.isOpen = true
            let waiting = gate.waiting.values
            gate.waiting = [:]
            return { for continuation in waiting { continuation.resume() } }
        }
    }

    /// Waits until work has come to the gate so many times.
    func arrival(at name: String, count: Int = 1) async {
        await observe(name) { arrivals, _ in arrivals >= count }
    }

    /// Waits until work at the gate was cancelled so many times.
    func cancellation(at name: String, count: Int = 1) async {
        await observe(name) { _, cancellations in cancellations >= count }
    }

    /// Number of arrivals at the gate.
    func arrivals(at name: String) -> Int { state.withLock { $0.gates[name]?.arrivals ?? 0 } }

    private func observe(_ name: String, _ isReady: @escaping @Sendable (Int, Int) -> Bool) async {
        await withCheckedContinuation { continuation in
            change(name) { gate in
                gate.observers.append((isReady, continuation))
                return {}
            }
        }
    }

    /// Makes a change under the lock and resumes whom it concerns outside.
    private func change(_ name: String, _ body: (inout Gate) -> @Sendable () -> Void) {
        let (resume, observers) = state.withLock { state in
            var gate = state.gates[name, default: Gate()]
            let resume = body(&gate)
            let ready = gate.observers.filter { $0.isReady(gate.arrivals, gate.cancellations) }.map(\.1)
            gate.observers.removeAll { $0.isReady(gate.arrivals, gate.cancellations) }
            state.gates[name] = gate
            return (resume, ready)
        }
        resume()
        for observer in observers { observer.resume() }
    }
}
