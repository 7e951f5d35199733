internal import Glibc
internal import Synchronization

/// SIGTERM and SIGINT, which end the daemon, and SIGHUP, which has it read its configuration again.
///
/// They are blocked in every thread from the first line of `main` on, and the main thread takes them. So a signal waits for as long as nobody
/// can act on it: none ends the process halfway through its start, and none is lost where the daemon is process 1 of a container, for
/// which the kernel drops signals with their default effect.
final class ProcessSignals: Sendable {
    /// An element after one SIGHUP or more; at most one waits.
    let reloads: AsyncStream<Void>
    /// Ends with the first SIGTERM or SIGINT.
    let running: AsyncStream<Never>

    private enum Phase {
        /// Nothing is there yet that would have to be taken down.
        case preparing
        case making
        case ending
    }

    private let phase = Mutex(Phase.preparing)
    private let endWhilePreparing: @Sendable () -> Never
    private let reload: AsyncStream<Void>.Continuation
    private let run: AsyncStream<Never>.Continuation

    /// Keeps the signals from doing anything until they are taken.
    ///
    /// Call it first of all: threads have the mask of the thread that made them.
    static func block() {
        var signals = blocked
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// - Parameter endWhilePreparing: Ends the process on SIGTERM or SIGINT before ``beginMaking()``.
    init(endWhilePreparing: @escaping @Sendable () -> Never) {
        self.endWhilePreparing = endWhilePreparing
        (reloads, reload) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (running, run) = AsyncStream.makeStream()
    }

    /// Takes the signals on the calling thread, for as long as the process lives.
    func take() -> Never {
        var signals = Self.blocked
        while true {
            var signal: CInt = 0
            guard sigwait(&signals, &signal) == 0 else { continue }
            if signal == SIGHUP { reload.yield() } else { end() }
        }
    }

    /// From now on a signal does not end the process: the caller looks at ``isEnding`` and ``running``.
    func beginMaking() { phase.withLock { if $0 == .preparing { $0 = .making } } }

    /// True once there was a SIGTERM or SIGINT.
    var isEnding: Bool { phase.withLock { $0 == .ending } }

    private static var blocked: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        return signals
    }

    private func end() {
        phase.withLock { phase in
            // With the lock: what is made next waits for it, and so is never made.
            if phase == .preparing { endWhilePreparing() }
            phase = .ending
        }
        run.finish()
    }
}
