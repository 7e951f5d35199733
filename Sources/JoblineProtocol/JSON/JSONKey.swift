/// The name of a member while its object is being read; valid only inside the closure that receives it.
///
/// Compares with string literals without making a `String`, so that `switch key { case "JobId": … }` costs no allocation.
/// Names are the same if their bytes are, once escapes are decoded: what Unicode calls equivalent stays apart.
package struct JSONKey {
    /// In the text, or, where the name held escapes, with the ``JSONNames`` of the object.
    private let start: UnsafeRawPointer?
    private let count: Int
    /// True if the object had a member of this name before.
    package internal(set) var isRepeated = false

    init(_ bytes: UnsafeRawBufferPointer) {
        start = bytes.baseAddress
        count = bytes.count
    }

    private var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// The name as a string.
    package var name: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes the name, whose value has to follow.
    func write(to writer: inout JSONWriter) { writer.name(utf8: bytes) }

    /// The beginning of the name, long enough for every name of the contract: no error carries more of what a peer sent.
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

/// The names of an object's members so far.
struct JSONNames: ~Copyable {
    /// So many cost no allocation; hardly an object has more.
    private static let fewNames = 16

    private var few = InlineArray<16, JSONKey>(repeating: JSONKey(UnsafeRawBufferPointer(start: nil, count: 0)))
    private var fewCount = 0
    private var many: Set<JSONKey> = []
    /// The bytes of names that held escapes.
    private var decoded: [UnsafeMutableRawBufferPointer] = []

    var isEmpty: Bool { fewCount == 0 }

    /// Takes a name in.
    ///
    /// - Returns: False if it was there before.
    mutating func insert(_ key: JSONKey) -> Bool {
        for index in 0..<fewCount where few[index] == key { return false }
        guard fewCount < Self.fewNames else { return many.insert(key).inserted }
        few[fewCount] = key
        fewCount += 1
        return true
    }

    /// Keeps the bytes of a name that is not in the text as it is, until ``free()``.
    mutating func keep(_ name: String) -> UnsafeRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: name.utf8.count, alignment: 1)
        bytes.copyBytes(from: name.utf8)
        decoded.append(bytes)
        return UnsafeRawBufferPointer(bytes)
    }

    /// No key of the object is looked at any more.
    func free() {
        for bytes in decoded { bytes.deallocate() }
    }
}
