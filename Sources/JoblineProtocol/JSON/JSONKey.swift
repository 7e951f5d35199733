/// The name of a member while its object is being read; valid only inside the closure that receives it.
///
/// Compares with string literals without making a `String`, so that `switch key { case "JobId": … }` costs no allocation.
/// Names are the same if their bytes are, once escapes are decoded: what Unicode calls equivalent stays apart.
package struct JSONKey {
    /// Where the name was plain, its bytes in the text; where it held escapes, the decoded name.
    private enum Content {
        case plain(UnsafeRawBufferPointer)
        case decoded([UInt8])
    }

    private let content: Content
    /// True if the object had a member of this name before.
    package internal(set) var isRepeated = false

    init(plain bytes: UnsafeRawBufferPointer) { content = .plain(bytes) }
    init(decoded name: String) { content = .decoded(Array(name.utf8)) }

    /// The name as a string.
    package var name: String { withBytes { String(decoding: $0, as: UTF8.self) } }

    /// Writes the name, whose value has to follow.
    func write(to writer: inout JSONWriter) { withBytes { writer.name(utf8: $0) } }

    /// The beginning of the name, long enough for every name of the contract: no error carries more of what a peer sent.
    package var shownName: String { withBytes { String(decoding: $0.prefix(Self.shownBytes), as: UTF8.self) } }

    private static let shownBytes = 64

    package static func ~= (literal: StaticString, key: JSONKey) -> Bool {
        let expected = UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        return key.withBytes { $0.hasSameBytes(as: expected) }
    }

    /// The bytes in the text; nil for a name with escapes.
    fileprivate var plainBytes: UnsafeRawBufferPointer? {
        if case .plain(let bytes) = content { bytes } else { nil }
    }

    fileprivate func hasBytes(_ bytes: UnsafeRawBufferPointer) -> Bool { withBytes { $0.hasSameBytes(as: bytes) } }

    private func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        switch content {
        case .plain(let bytes): body(bytes)
        case .decoded(let bytes): bytes.withUnsafeBytes(body)
        }
    }
}

extension JSONKey: Hashable {
    package static func == (left: JSONKey, right: JSONKey) -> Bool {
        left.withBytes { left in right.withBytes { left.hasSameBytes(as: $0) } }
    }

    package func hash(into hasher: inout Hasher) { withBytes { hasher.combine(bytes: $0) } }
}

/// The names of an object's members so far.
struct JSONNames {
    /// So many plain ones cost no allocation; hardly an object has more, or others.
    private static let fewNames = 16

    private var few = InlineArray<16, UnsafeRawBufferPointer>(repeating: UnsafeRawBufferPointer(start: nil, count: 0))
    private var fewCount = 0
    private var many: Set<JSONKey> = []

    /// Takes a name in.
    ///
    /// - Returns: False if it was there before.
    mutating func insert(_ key: JSONKey) -> Bool {
        for index in 0..<fewCount where key.hasBytes(few[index]) { return false }
        guard fewCount < Self.fewNames, many.isEmpty, let bytes = key.plainBytes else {
            return many.insert(key).inserted
        }
        few[fewCount] = bytes
        fewCount += 1
        return true
    }
}
