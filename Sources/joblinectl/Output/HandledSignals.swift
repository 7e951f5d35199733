internal import Dispatch

/// Signals whose default action is replaced by a handler while the object exists.
///
/// Unchecked, because Dispatch does not declare its sources Sendable, although they may be cancelled from any thread.
final class HandledSignals: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    /// Returns when no signal has its default action any more.
    ///
    /// - Parameters:
    ///   - numbers: Signals to handle.
    ///   - handler: Called with the number of each signal received.
    init(_ numbers: [Int32], _ handler: @escaping @Sendable (Int32) -> Void) async {
        var sources: [any DispatchSourceSignal] = []
        for number in numbers {
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { handler(number) }
            await withCheckedContinuation { continuation in
                source.setRegistrationHandler { continuation.resume() }
                source.activate()
            }
            sources.append(source)
        }
        self.sources = sources
    }

    deinit { for source in sources { source.cancel() } }
}
