internal import Dispatch
internal import Glibc

/// Reason to end a command early without a failure.
enum Interruption: Error, Hashable {
    /// The process received a signal.
    case signal(Int32)
    /// The reader of standard output is gone, as with `| head -1`.
    case outputClosed

    /// Exit status as a shell reports it: 128 plus the signal.
    var status: Int32 {
        switch self {
        case .signal(let number): 128 + number
        case .outputClosed: 128 + SIGPIPE
        }
    }

    /// Runs `work`, and cancels it on SIGINT, SIGTERM, SIGHUP or when the reader of standard output is gone.
    ///
    /// - Throws: The error of `work`, or the interruption.
    static func interruptible(_ work: @escaping @Sendable () async throws -> Void) async throws {
        // Several can arrive before one is handled; 16 are enough.
        let (interruptions, continuation) = AsyncStream.makeStream(
            of: Interruption.self, bufferingPolicy: .bufferingOldest(16))
        let signals = await HandledSignals([SIGINT, SIGTERM, SIGHUP]) { continuation.yield(.signal($0)) }
        defer { withExtendedLifetime(signals) {} }
        // Blocks a thread until the program ends: otherwise the closed pipe is only noticed at the next write.
        DispatchQueue(label: "joblinectl.output").async {
            var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            while poll(&output, 1, -1) < 0 && errno == EINTR {}
            continuation.yield(.outputClosed)
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await work() }
            group.addTask { for await interruption in interruptions { throw interruption } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
