internal import Dispatch

/// Signals that are told of, and do nothing by themselves for as long as this is there.
///
/// Unchecked because Dispatch does not say of its sources what it documents: they may be cancelled from any thread.
final class TakenSignals: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    /// Returns only when none of them does anything by itself any more.
    ///
    /// - Parameters:
    ///   - numbers: The signals.
    ///   - handler: Is told the number of each that comes.
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
