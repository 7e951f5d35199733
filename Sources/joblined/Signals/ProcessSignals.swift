internal import Glibc
internal import Synchronization

/// SIGTERM and SIGINT, which end the daemon, and SIGHUP, which reloads its configuration.
///
/// They are blocked in every thread from the start of `main`, and the main thread waits for them. A signal therefore
/// stays pending until it can be handled: none ends the process in the middle of its start, and none is lost if the
/// daemon is process 1 of a container, for which the kernel ignores signals with the default action.
final class ProcessSignals: Sendable {
    /// Yields an element after one or more SIGHUPs; buffers at most one.
    let reloads: AsyncStream<Void>
    /// Ends at the first SIGTERM or SIGINT.
    let running: AsyncStream<Never>

    private enum Phase {
        /// Nothing has been created that must be removed.
        case preparing
        case settingUp
        case ending
    }

    private let phase = Mutex(Phase.preparing)
    private let endWhilePreparing: @Sendable () -> Never
    private let reload: AsyncStream<Void>.Continuation
    private let run: AsyncStream<Never>.Continuation

    /// Blocks the signals.
    ///
    /// Must be called first, because new threads inherit the signal mask.
    static func block() {
        var signals = blocked
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Creates the handler.
    ///
    /// - Parameter endWhilePreparing: Ends the process on SIGTERM or SIGINT before ``beginSetUp()``.
    init(endWhilePreparing: @escaping @Sendable () -> Never) {
        self.endWhilePreparing = endWhilePreparing
        (reloads, reload) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (running, run) = AsyncStream.makeStream()
    }

    /// Waits for signals on the calling thread, for ever.
    func take() -> Never {
        var signals = Self.blocked
        while true {
            var signal: CInt = 0
            guard sigwait(&signals, &signal) == 0 else { continue }
            if signal == SIGHUP { reload.yield() } else { end() }
        }
    }

    /// Enters the phase in which a signal does not end the process; the caller checks ``isEnding`` and ``running``.
    func beginSetUp() { phase.withLock { if $0 == .preparing { $0 = .settingUp } } }

    /// Whether SIGTERM or SIGINT was received.
    var isEnding: Bool { phase.withLock { $0 == .ending } }

    private static var blocked: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        return signals
    }

    private func end() {
        phase.withLock { phase in
            // With the lock held, so that ``beginSetUp()`` cannot return in between.
            if phase == .preparing { endWhilePreparing() }
            phase = .ending
        }
        run.finish()
    }
}
