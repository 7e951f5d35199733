internal import Glibc
internal import UnixSignals

/// SIGHUP, which asks the daemon to read its configuration again.
struct HangUps: Sendable {
    /// An element after one signal or more; at most one waits.
    let requests: AsyncStream<Void>

    /// Keeps the signal from ending the process until it is waited for.
    ///
    /// Call it first of all: what is signalled before the configuration is read asks for nothing.
    static func ignore() { signal(SIGHUP, SIG_IGN) }

    /// Waits for the signal from now on and as long as the process lives, so that it never ends it.
    init() async {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        let (requests, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.requests = requests
        Task { for await _ in signals { continuation.yield() } }
    }
}
