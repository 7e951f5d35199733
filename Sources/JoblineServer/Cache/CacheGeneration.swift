internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// Hash of a method and its parameters; collisions are possible.
struct CacheKey: Hashable {
    private let number: UInt64

    init(_ method: Method, _ params: UnsafeRawBufferPointer) {
        number = params.fastHash &+ UInt64(method.index)
    }
}

/// Record among those of all backends.
struct CachedRecord: Hashable {
    private let backend: Int
    private let key: UInt64

    init(backend: BackendID, key: RecordKey) {
        self.backend = backend.index
        self.key = key.rawValue
    }
}

/// Entries that were stored or last used in the same period, and are evicted together.
///
/// Entries lie one behind the other in one buffer, so a hit costs one cache miss of the processor. The bytes of a removed
/// entry are reclaimed with the generation.
struct CacheGeneration {
    /// Record and expiry of an entry.
    struct Subject {
        let record: CachedRecord
        private let endMilliseconds: Int64

        /// Expiry; nil if the entry does not expire.
        var end: Timestamp? { endMilliseconds == .max ? nil : Timestamp(milliseconds: endMilliseconds) }

        init(record: CachedRecord, end: Timestamp?) {
            self.record = record
            endMilliseconds = end?.milliseconds ?? .max
        }
    }

    /// Header of an entry. The parameters follow, then the result.
    private struct Header {
        let subject: Subject
        let paramsBytes: Int
        let resultBytes: Int
    }

    /// Approximate capacity in bytes.
    let capacity: Int
    /// Offsets of the headers in `text`.
    private var offsets: [CacheKey: Int] = [:]
    private var keys: [CachedRecord: CacheKey] = [:]
    private var text: [UInt8] = []

    /// Approximate bytes of an entry in the two dictionaries.
    private static let overhead = 96

    /// Approximate memory of an entry, in bytes.
    static func bytes(_ params: UnsafeRawBufferPointer, _ result: UnsafeRawBufferPointer) -> Int {
        MemoryLayout<Header>.size + params.count + result.count + overhead
    }

    /// Approximate memory of all entries, in bytes.
    var bytes: Int { text.count + offsets.count * Self.overhead }

    /// - Parameter capacity: Approximate capacity in bytes. The buffer is reserved at once, so that it never moves; the kernel
    ///   provides pages as they are used.
    init(capacity: Int) {
        self.capacity = capacity
        text.reserveCapacity(capacity)
    }

    /// Whether one more entry fits.
    func hasRoom(for params: UnsafeRawBufferPointer, _ result: UnsafeRawBufferPointer) -> Bool {
        bytes + Self.bytes(params, result) <= capacity
    }

    /// Removes all entries and keeps the memory: after a release the heap may be too fragmented to get it back in one piece.
    mutating func removeAll() {
        offsets.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
    }

    /// Stores an entry in place of an earlier one of its record.
    mutating func insert(
        _ subject: Subject, _ params: UnsafeRawBufferPointer, _ result: UnsafeRawBufferPointer,
        at key: CacheKey
    ) {
        remove(subject.record)
        // Two keys with the same hash: the newer entry wins.
        if let other = offsets[key] { remove(header(at: other).subject.record) }
        offsets[key] = text.count
        keys[subject.record] = key
        let header = Header(subject: subject, paramsBytes: params.count, resultBytes: result.count)
        withUnsafeBytes(of: header) { text += $0 }
        text += params
        text += result
    }

    /// Looks up an entry.
    ///
    /// - Parameter body: Receives the entry and its result on a hit.
    /// - Returns: The value that `body` returned; nil on a miss.
    func withResult<Value>(
        at key: CacheKey, _ askedParams: UnsafeRawBufferPointer,
        _ body: (Subject, UnsafeRawBufferPointer) -> Value
    ) -> Value? {
        guard let start = offsets[key] else { return nil }
        let header = header(at: start)
        return text.withUnsafeBytes { text in
            let params = start + MemoryLayout<Header>.size
            let result = params + header.paramsBytes
            guard UnsafeRawBufferPointer(rebasing: text[params..<result]).hasSameBytes(as: askedParams) else {
                return nil
            }
            return body(header.subject, UnsafeRawBufferPointer(rebasing: text[result..<result + header.resultBytes]))
        }
    }

    private func header(at start: Int) -> Header {
        text.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Header.self) }
    }

    mutating func remove(_ record: CachedRecord) {
        guard let key = keys.removeValue(forKey: record) else { return }
        offsets[key] = nil
        if offsets.isEmpty { text.removeAll(keepingCapacity: true) }
    }
}
