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
        let signals = await SignalSequence([SIGINT, SIGTERM, SIGHUP], watchesOutput: true)
        try await withThrowingTaskGroup { group in
            group.addTask { try await work() }
            group.addTask { for await interruption in signals.interruptions { throw interruption } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// Signals as they come, which then do nothing by themselves.
///
/// Unchecked because Dispatch does not say of its sources what it documents: they may be cancelled from any thread.
final class SignalSequence: @unchecked Sendable {
    let interruptions: AsyncStream<Interruption>
    private let sources: [any DispatchSourceSignal]

    /// - Parameters:
    ///   - signals: Their numbers.
    ///   - watchesOutput: Whether to tell of the end of who reads standard output, too.
    init(_ signals: [Int32], watchesOutput: Bool = false) async {
        // More than one can come while one is looked at; a hundred are as good as sixteen.
        let (stream, continuation) = AsyncStream.makeStream(
            of: Interruption.self, bufferingPolicy: .bufferingOldest(16))
        interruptions = stream
        var sources: [any DispatchSourceSignal] = []
        for number in signals {
            sources.append(await DispatchSource.taking(number) { continuation.yield(.signal(number)) })
        }
        self.sources = sources
        guard watchesOutput else { return }
        // A thread that waits to the end of the program: nothing else tells of it before the next write.
        DispatchQueue(label: "joblinectl.output").async {
            var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            while poll(&output, 1, -1) < 0 && errno == EINTR {}
            continuation.yield(.outputClosed)
        }
    }

    deinit { for source in sources { source.cancel() } }
}

extension DispatchSource {
    /// Takes a signal from now on: returns only when it does nothing by itself any more.
    static func taking(_ number: Int32, _ handler: @escaping @Sendable () -> Void) async -> any DispatchSourceSignal {
        let source = makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: handler)
        await withCheckedContinuation { continuation in
            source.setRegistrationHandler { continuation.resume() }
            source.activate()
        }
        return source
    }
}
