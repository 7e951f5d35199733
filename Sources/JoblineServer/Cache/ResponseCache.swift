package import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

/// Cache of results that depend on one record each, such as those of Describe and Get.
///
/// An entry is evicted before a change of its record becomes visible, and a result is not stored if its record changed
/// while the service worked. A caller that has seen a change never gets a result from before it.
///
/// Each record has one entry: callers spell the same request in one way.
package final class ResponseCache: Sendable {
    private struct State {
        var recent: CacheGeneration
        /// Previous generation. A hit moves its entry to `recent` if there is room; the rest is evicted together.
        var older: CacheGeneration
        /// Records whose change is being committed.
        var changing: Set<Int64> = []
        /// Number of changes of any record.
        var changes = 0
        /// Records of the last changes, oldest first.
        var lastChanges = CircularBuffer<Int64>(initialCapacity: ResponseCache.rememberedChanges)

        /// - Parameter generationBytes: Capacity of a generation in bytes.
        init(generationBytes: Int) {
            recent = CacheGeneration(capacity: generationBytes)
            older = CacheGeneration(capacity: generationBytes)
        }
    }

    /// Number of changes that are remembered. A result is not stored if more came while the service worked.
    private static let rememberedChanges = 64

    private let clock: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// - Parameters:
    ///   - source: Reports changes of records, and has the clock of expiry.
    ///   - bytes: Approximate capacity in bytes. The half that was used last survives an eviction.
    package init(_ source: any RecordSource, bytes: Int) {
        clock = source.now
        state = Mutex(State(generationBytes: bytes / 2))
        source.observeRecords(self)
    }

    /// Approximate memory of all entries, in bytes.
    var bytes: Int { state.withLock { $0.recent.bytes + $0.older.bytes } }

    // MARK: Lookup

    /// Looks up a result.
    ///
    /// - Parameters:
    ///   - params: Parameters, compared byte by byte.
    ///   - time: Current time by ``now``.
    ///   - body: Receives the result of a hit. It runs under the cache's lock and must not call the cache.
    /// - Returns: The value that `body` returned; nil on a miss.
    func withResult<Value: Sendable>(
        of method: Method, _ params: UnsafeRawBufferPointer, at time: Timestamp,
        _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value? {
        let question = CacheKey(method, params)
        return state.withLock { state in
            func answer(_ subject: CacheGeneration.Subject, _ result: UnsafeRawBufferPointer) -> Value? {
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

    /// Current time on the clock by which entries expire.
    var now: Timestamp { clock() }

    /// Number of changes so far. Read it before calling the service, and pass it to ``keep(_:of:_:_:since:)``.
    var changes: Int { state.withLock(\.changes) }

    /// Stores a result, unless its record has changed since the service was called.
    ///
    /// - Parameters:
    ///   - dependency: Dependency that the service declared.
    ///   - changes: Value of ``changes`` before the call.
    func keep(
        _ result: ByteBuffer, of method: Method, _ params: ByteBuffer, _ dependency: CacheDependency, since changes: Int
    ) {
        guard let (record, end) = dependency.record else { return }
        let subject = CacheGeneration.Subject(record: record, end: end)
        params.withUnsafeReadableBytes { params in
            result.withUnsafeReadableBytes { result in
                let question = CacheKey(method, params)
                state.withLock { state in
                    guard CacheGeneration.bytes(params, result) <= state.recent.capacity else { return }
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

extension ResponseCache: RecordObserver {
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
