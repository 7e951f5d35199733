/// The name of a member while its object is being read; valid only inside the closure that receives it.
///
/// Compares with string literals without making a `String`, so that `switch key { case "JobId": … }` costs no allocation.
package struct JSONKey {
    /// Where the name was plain, its bytes in the text; where it held escapes, the decoded name.
    private enum Content {
        case plain(UnsafeRawBufferPointer)
        case decoded(String)
    }

    private let content: Content

    init(plain bytes: UnsafeRawBufferPointer) { content = .plain(bytes) }
    init(decoded name: String) { content = .decoded(name) }

    /// The name as a string.
    package var name: String {
        switch content {
        case .plain(let bytes): String(decoding: bytes, as: UTF8.self)
        case .decoded(let name): name
        }
    }

    package static func ~= (literal: StaticString, key: JSONKey) -> Bool {
        let expected = UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        switch key.content {
        case .plain(let bytes): return bytes.elementsEqual(expected)
        case .decoded(let name): return name.utf8.elementsEqual(expected)
        }
    }
}
