internal import Dispatch
internal import Glibc

/// Why a command ends before it is done, without anything having gone wrong.
enum Interruption: Error, Hashable {
    /// Someone wants it to.
    case signal(Int32)
    /// Nobody reads its results any more, as in `| head -1`.
    case outputClosed

    /// As a shell shows it: 128 and the signal.
    var status: Int32 {
        switch self {
        case .signal(let number): 128 + number
        case .outputClosed: 128 + SIGPIPE
        }
    }

    /// Runs until the work is done, or until SIGINT, SIGTERM, SIGHUP or the end of who reads the output; then it is cancelled
    /// and left in order.
    ///
    /// - Throws: What `work` throws, or the interruption.
    static func interruptible(_ work: @escaping @Sendable () async throws -> Void) async throws {
        // More than one can come while one is looked at; a hundred are as good as sixteen.
        let (interruptions, continuation) = AsyncStream.makeStream(
            of: Interruption.self, bufferingPolicy: .bufferingOldest(16))
        let signals = await TakenSignals([SIGINT, SIGTERM, SIGHUP]) { continuation.yield(.signal($0)) }
        defer { withExtendedLifetime(signals) {} }
        // A thread that waits to the end of the program: nothing else tells of it before the next write.
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
