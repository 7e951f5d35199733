internal import Dispatch
internal import Glibc

/// Event of `joblinectl top`.
enum TopEvent: Sendable {
    case snapshot(TopSnapshot)
    case key(UInt8)
    case signal(Int32)
    /// The collector failed.
    case failed(any Error)
}

/// Stream of signals, keys and snapshots.
///
/// Unchecked, because Dispatch does not declare its sources Sendable, although they may be cancelled from any thread.
final class TopEvents: @unchecked Sendable {
    let stream: AsyncStream<TopEvent>
    private let continuation: AsyncStream<TopEvent>.Continuation
    private let signals: HandledSignals
    private let keys: (any DispatchSourceRead)?

    /// Returns when the signals no longer have their default action.
    init(signals numbers: [Int32], readsKeys: Bool) async {
        // More than a person can type during one drawing; the oldest are dropped.
        let (stream, continuation) = AsyncStream.makeStream(of: TopEvent.self, bufferingPolicy: .bufferingNewest(64))
        self.stream = stream
        self.continuation = continuation
        signals = await HandledSignals(numbers) { continuation.yield(.signal($0)) }
        guard readsKeys else {
            keys = nil
            return
        }
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
        source.setEventHandler {
            var key: UInt8 = 0
            switch read(STDIN_FILENO, &key, 1) {
            case 1: continuation.yield(.key(key))
            // The terminal is gone.
            case 0: continuation.yield(.signal(SIGHUP))
            default: break
            }
        }
        source.activate()
        keys = source
    }

    func send(_ event: TopEvent) { continuation.yield(event) }

    deinit { keys?.cancel() }
}
