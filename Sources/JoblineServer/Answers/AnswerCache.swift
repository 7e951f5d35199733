package import JoblineProtocol
internal import NIOCore
internal import Synchronization

/// Results that services gave to questions about one record, for as long as they would give them again.
///
/// A result goes before anybody can see its record changed, and is not kept at all if that changed while the service was asked.
/// So whoever has seen a change never gets an answer from before it.
///
/// Of each record the last answer is kept: it can be asked about in many spellings, but hardly anybody does.
package final class AnswerCache: Sendable {
    private struct State {
        var recent: AnswerGeneration
        /// What was recent before; what is used of it is recent again, as long as there is room, and the rest goes with it.
        var older: AnswerGeneration
        /// Records of which some see the past and others the present.
        var changing: Set<Int64> = []
        /// How often records changed.
        var changes = 0
        /// The records of the last changes.
        var lastChanges = CircularBuffer<Int64>(initialCapacity: AnswerCache.rememberedChanges)

        /// - Parameter generationBytes: What the answers of a generation may take.
        init(generationBytes: Int) {
            recent = AnswerGeneration(capacity: generationBytes)
            older = AnswerGeneration(capacity: generationBytes)
        }
    }

    /// More changes than that while a service was asked, and its answer is not kept.
    private static let rememberedChanges = 64

    private let clock: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// - Parameters:
    ///   - source: Says which records change, and what time it is.
    ///   - bytes: Memory for all answers, about. Those that were used last and take half of it stay.
    package init(_ source: any RecordSource, bytes: Int) {
        clock = source.now
        state = Mutex(State(generationBytes: bytes / 2))
        source.observeRecords(self)
    }

    /// Memory that the answers take, about.
    var bytes: Int { state.withLock { $0.recent.bytes + $0.older.bytes } }

    // MARK: Asking

    /// The result that the service would give.
    ///
    /// - Parameters:
    ///   - params: The same bytes as before.
    ///   - time: The present, by ``now``.
    ///   - body: Is given the result, if there is one. Everybody else waits for it, and it may not come back here.
    /// - Returns: What `body` returned; nil if the service has to be asked.
    func withResult<Value: Sendable>(
        of method: Method, _ params: UnsafeRawBufferPointer, at time: Timestamp,
        _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value? {
        let question = AnswerQuestion(method, params)
        return state.withLock { state in
            func answer(_ subject: AnswerGeneration.Subject, _ result: UnsafeRawBufferPointer) -> Value? {
                if let end = subject.end, end <= time { return nil }
                return body(result)
            }
            if let value = state.recent.withAnswer(to: question, params, answer) { return value }
            let older = state.older
            return older.withAnswer(to: question, params) { subject, result in
                if state.recent.hasRoom(for: params, result) {
                    state.recent.insert(subject, params, result, to: question)
                }
                return answer(subject, result)
            } ?? nil
        }
    }

    /// The time by which answers end.
    var now: Timestamp { clock() }

    /// How often records have changed; to be taken before a service is asked.
    var changes: Int { state.withLock(\.changes) }

    /// Keeps what a service answered, unless the record changed since.
    ///
    /// - Parameters:
    ///   - basis: What the service put down about its answer.
    ///   - changes: ``changes`` from before the service was asked.
    func keep(_ result: ByteBuffer, of method: Method, _ params: ByteBuffer, _ basis: AnswerBasis, since changes: Int) {
        guard let (record, end) = basis.record else { return }
        let subject = AnswerGeneration.Subject(record: record, end: end)
        params.withUnsafeReadableBytes { params in
            result.withUnsafeReadableBytes { result in
                let question = AnswerQuestion(method, params)
                state.withLock { state in
                    guard AnswerGeneration.bytes(params, result) <= state.recent.capacity else { return }
                    let missed = state.changes - changes
                    guard missed <= state.lastChanges.count, !state.lastChanges.suffix(missed).contains(record),
                        !state.changing.contains(record)
                    else { return }
                    if !state.recent.hasRoom(for: params, result) {
                        swap(&state.recent, &state.older)
                        state.recent.removeAll()
                    }
                    state.recent.insert(subject, params, result, to: question)
                }
            }
        }
    }
}

extension AnswerCache: RecordObserver {
    package func willChange(_ records: [Int64]) {
        state.withLock { state in
            for record in records {
                state.changing.insert(record)
                state.recent.remove(record)
                state.older.remove(record)
            }
        }
    }

    package func didChange(_ records: [Int64]) {
        state.withLock { state in
            for record in records {
                state.changing.remove(record)
                state.changes += 1
                if state.lastChanges.count == Self.rememberedChanges { state.lastChanges.removeFirst() }
                state.lastChanges.append(record)
            }
        }
    }
}
