internal import Dispatch
internal import Glibc

/// What can happen to `joblinectl top`.
enum TopEvent: Sendable {
    case snapshot(TopSnapshot)
    case key(UInt8)
    case signal(Int32)
    /// Nothing more can be found out.
    case failed(any Error)
}

/// Signals, keys and snapshots as they come.
///
/// Unchecked because Dispatch does not say of its sources what it documents: they may be cancelled from any thread.
final class TopEvents: @unchecked Sendable {
    let stream: AsyncStream<TopEvent>
    private let continuation: AsyncStream<TopEvent>.Continuation
    private let signals: TakenSignals
    private let keys: (any DispatchSourceRead)?

    /// - Parameter signals: Signals that do nothing by themselves once this has returned.
    init(signals numbers: [Int32], readsKeys: Bool) async {
        // More than a person can type while one drawing is made; what does not fit is old.
        let (stream, continuation) = AsyncStream.makeStream(of: TopEvent.self, bufferingPolicy: .bufferingNewest(64))
        self.stream = stream
        self.continuation = continuation
        signals = await TakenSignals(numbers) { continuation.yield(.signal($0)) }
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
