/// Name of a member while its object is read; only valid inside the closure that receives it.
///
/// Compares with string literals without creating a `String`, so that `switch key { case "JobId": … }` does not
/// allocate. Names are compared by bytes after decoding escapes: canonically equivalent names are different.
package struct JSONKey {
    /// Address in the text or, for a name with escapes, in the ``JSONNames`` of the object.
    private let start: UnsafeRawPointer?
    private let count: Int
    /// Whether the object has an earlier member of this name.
    package internal(set) var isRepeated = false

    init(_ bytes: UnsafeRawBufferPointer) {
        start = bytes.baseAddress
        count = bytes.count
    }

    private var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Name as a string.
    package var name: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes the name; its value must follow.
    func write(to writer: inout JSONWriter) { writer.name(utf8: bytes) }

    /// Prefix of the name, long enough for every name of the contract; bounds the size of errors that quote it.
    package var shownName: String { String(decoding: bytes.prefix(Self.shownBytes), as: UTF8.self) }

    private static let shownBytes = 64

    @inline(__always)
    package static func ~= (literal: StaticString, key: JSONKey) -> Bool {
        key == JSONKey(literal.bytes)
    }
}

extension JSONKey: Hashable {
    @inline(__always)
    package static func == (left: JSONKey, right: JSONKey) -> Bool {
        // Most names differ in length.
        left.count == right.count && left.bytes.hasSameBytes(as: right.bytes)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes: bytes) }
}

/// Names of the members read so far in an object.
struct JSONNames: ~Copyable {
    /// Number of names that need no allocation, enough for most objects.
    private static let fewNames = 16

    private var few = InlineArray<16, JSONKey>(repeating: JSONKey(UnsafeRawBufferPointer(start: nil, count: 0)))
    private var fewCount = 0
    private var many: Set<JSONKey> = []
    /// Bytes of names with escapes.
    private var decoded: [UnsafeMutableRawBufferPointer] = []

    var isEmpty: Bool { fewCount == 0 }

    /// Inserts a name.
    ///
    /// - Returns: False if it is already present.
    mutating func insert(_ key: JSONKey) -> Bool {
        for index in 0..<fewCount where few[index] == key { return false }
        guard fewCount < Self.fewNames else { return many.insert(key).inserted }
        few[fewCount] = key
        fewCount += 1
        return true
    }

    /// Stores the bytes of a decoded name until ``free()``.
    mutating func keep(_ name: String) -> UnsafeRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: name.utf8.count, alignment: 1)
        bytes.copyBytes(from: name.utf8)
        decoded.append(bytes)
        return UnsafeRawBufferPointer(bytes)
    }

    /// Frees the stored names; keys of the object are invalid afterwards.
    func free() {
        for bytes in decoded { bytes.deallocate() }
    }
}
