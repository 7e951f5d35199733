package import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import Synchronization

/// Cache of results that depend on one record each, such as those of Describe and Get, for several backends at once.
///
/// An entry is evicted before a change of its record becomes visible, and a result is not stored if its record changed
/// while the service worked. A caller that has seen a change never gets a result from before it.
///
/// Each record has one entry: callers spell the same request in one way.
package final class ResponseCache: Sendable {
    /// Time on the expiry clock of one backend.
    struct Time: Sendable {
        fileprivate let backend: BackendID
        fileprivate let timestamp: Timestamp
    }

    /// Recent changes of the records of one backend.
    private struct Changes {
        /// Records whose change is being committed.
        var inProgress: Set<RecordKey> = []
        /// Number of changes.
        var count = 0
        /// Records of the last changes, oldest first.
        var last = CircularBuffer<RecordKey>(initialCapacity: ResponseCache.rememberedChanges)

        /// Whether a record certainly has not changed since a number of changes, and is not changing.
        func spare(_ record: RecordKey, since count: Int) -> Bool {
            let missed = self.count - count
            return missed <= last.count && !last.suffix(missed).contains(record) && !inProgress.contains(record)
        }

        mutating func append(_ record: RecordKey) {
            count += 1
            if last.count == ResponseCache.rememberedChanges { last.removeFirst() }
            last.append(record)
        }
    }

    private struct State {
        var recent: CacheGeneration
        /// Previous generation. A hit moves its entry to `recent` if there is room; the rest is evicted together.
        var older: CacheGeneration
        /// Changes by index of the backend.
        var changes: [Changes]

        /// - Parameter generationBytes: Capacity of a generation in bytes.
        init(backends: Int, generationBytes: Int) {
            recent = CacheGeneration(capacity: generationBytes)
            older = CacheGeneration(capacity: generationBytes)
            changes = Array(repeating: Changes(), count: backends)
        }
    }

    /// State that the cache shares with its observers.
    ///
    /// An object of its own, so that nothing has a weak reference to the cache: requests retain the cache, and retaining an
    /// object with weak references takes three times as long.
    private final class Storage: Sendable {
        let state: Mutex<State>

        init(_ state: consuming sending State) { self.state = Mutex(state) }
    }

    /// Invalidates the entries of one backend.
    private final class Invalidation: RecordObserver {
        private let backend: BackendID
        private let storage: Storage

        init(of backend: BackendID, in storage: Storage) {
            self.backend = backend
            self.storage = storage
        }

        func willChange(_ records: [RecordKey]) {
            storage.state.withLock { state in
                for record in records {
                    state.changes[backend.index].inProgress.insert(record)
                    state.recent.remove(CachedRecord(backend: backend, key: record))
                    state.older.remove(CachedRecord(backend: backend, key: record))
                }
            }
        }

        func didChange(_ records: [RecordKey]) {
            storage.state.withLock { state in
                for record in records {
                    state.changes[backend.index].inProgress.remove(record)
                    state.changes[backend.index].append(record)
                }
            }
        }
    }

    /// Number of changes that are remembered. A result is not stored if more came while the service worked.
    private static let rememberedChanges = 64

    private let routes: BackendRoutes
    /// Expiry clock of one backend. A structure, because a function taken out of an array allocates.
    private struct Clock: Sendable {
        let now: @Sendable () -> Timestamp
    }

    /// Clocks by index of the backend.
    private let clocks: [Clock]
    private let storage: Storage
    /// Retained here, because record sources do not retain their observers.
    private let invalidations: [Invalidation]

    /// - Parameters:
    ///   - sources: Report changes of records, and have the clocks of expiry; by index of the backend.
    ///   - routes: Backend of each method.
    ///   - bytes: Approximate capacity in bytes. The half that was used last survives an eviction.
    package init(_ sources: [any RecordSource], routes: BackendRoutes, bytes: Int) {
        self.routes = routes
        clocks = sources.map { Clock(now: $0.now) }
        let storage = Storage(State(backends: sources.count, generationBytes: bytes / 2))
        self.storage = storage
        invalidations = sources.indices.map { Invalidation(of: BackendID($0), in: storage) }
        for (source, invalidation) in zip(sources, invalidations) { source.observeRecords(invalidation) }
    }

    /// - Parameters:
    ///   - source: Record source of the only backend.
    ///   - bytes: Approximate capacity in bytes.
    package convenience init(_ source: any RecordSource, bytes: Int) {
        self.init([source], routes: .single, bytes: bytes)
    }

    /// - Parameters:
    ///   - backends: Backends, which are the record sources.
    ///   - bytes: Approximate capacity in bytes.
    package convenience init(_ backends: Backends, bytes: Int) {
        self.init(backends.all, routes: backends.routes, bytes: bytes)
    }

    /// Approximate memory of all entries, in bytes.
    var bytes: Int { storage.state.withLock { $0.recent.bytes + $0.older.bytes } }

    private func backend(of method: Method) -> BackendID { routes[method] ?? BackendID(0) }

    // MARK: Lookup

    /// Returns the current time by which results of a method expire.
    ///
    /// - Parameter last: Time to return if it is of the same clock, so that the clock is not read again.
    func time(for method: Method, reusing last: Time? = nil) -> Time {
        let backend = backend(of: method)
        if let last, last.backend == backend { return last }
        return Time(backend: backend, timestamp: clocks[backend.index].now())
    }

    /// Looks up a result.
    ///
    /// - Parameters:
    ///   - params: Parameters, compared byte by byte.
    ///   - time: Current time by ``time(for:reusing:)``.
    ///   - body: Receives the result of a hit. It runs under the cache's lock and must not call the cache.
    /// - Returns: The value that `body` returned; nil on a miss.
    func withResult<Value: Sendable>(
        of method: Method, _ params: UnsafeRawBufferPointer, at time: Time,
        _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value? {
        let key = CacheKey(method, params)
        return storage.state.withLock { state in
            func value(_ subject: CacheGeneration.Subject, _ result: UnsafeRawBufferPointer) -> Value? {
                if let end = subject.end, end <= time.timestamp { return nil }
                return body(result)
            }
            if let value = state.recent.withResult(at: key, params, value) { return value }
            let older = state.older
            return older.withResult(at: key, params) { subject, result in
                if state.recent.hasRoom(for: params, result) {
                    state.recent.insert(subject, params, result, at: key)
                }
                return value(subject, result)
            } ?? nil
        }
    }

    // MARK: Storing

    /// Returns the number of changes so far in the backend of a method. Read it before calling the service, and pass it to
    /// ``keep(_:of:_:_:since:)``.
    func changes(for method: Method) -> Int {
        let backend = backend(of: method)
        return storage.state.withLock { $0.changes[backend.index].count }
    }

    /// Stores a result, unless its record has changed since the service was called.
    ///
    /// - Parameters:
    ///   - dependency: Dependency that the service declared.
    ///   - changes: Result of ``changes(for:)`` before the call.
    func keep(
        _ result: ByteBuffer, of method: Method, _ params: ByteBuffer, _ dependency: CacheDependency, since changes: Int
    ) {
        guard let (record, end) = dependency.record else { return }
        let backend = backend(of: method)
        let subject = CacheGeneration.Subject(record: CachedRecord(backend: backend, key: record), end: end)
        params.withUnsafeReadableBytes { params in
            result.withUnsafeReadableBytes { result in
                let key = CacheKey(method, params)
                storage.state.withLock { state in
                    guard CacheGeneration.bytes(params, result) <= state.recent.capacity,
                        state.changes[backend.index].spare(record, since: changes)
                    else { return }
                    if !state.recent.hasRoom(for: params, result) {
                        swap(&state.recent, &state.older)
                        state.recent.removeAll()
                    }
                    state.recent.insert(subject, params, result, at: key)
                }
            }
        }
    }
}
