/// The method of a request: one of the contract's, or whatever name a peer sent.
package enum MethodName: Sendable, Hashable {
    case known(Method)
    case unknown(String)

    package init(_ name: String) { self = Method(rawValue: name).map(Self.known) ?? .unknown(name) }

    /// `Service.Operation`.
    package var text: String {
        switch self {
        case .known(let method): method.rawValue
        case .unknown(let name): name
        }
    }

    /// nil if the contract has no method of this name.
    package var method: Method? {
        switch self {
        case .known(let method): method
        case .unknown: nil
        }
    }
}

extension MethodName: JSONDecodable {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var ahead = reader
        if let method = try ahead.plainString({ Method($0) }) {
            self = .known(method)
            reader = ahead
        } else {
            self.init(try reader.string())
        }
    }
}

extension Method {
    /// - Parameter name: The bytes of `Service.Operation`.
    init?(_ name: UnsafeRawBufferPointer) {
        guard let method = MethodIndex.shared.method(name) else { return nil }
        self = method
    }
}

/// The names of all methods, found from their bytes without a `String`.
private struct MethodIndex {
    static let shared = MethodIndex()

    /// One for each value of a byte, so that hardly two names share one.
    private static let slots = 256

    private var methods: [[(name: [UInt8], method: Method)]] = Array(repeating: [], count: slots)

    init() {
        for method in Method.allCases {
            let name = Array(method.rawValue.utf8)
            name.withUnsafeBytes { methods[Self.slot(of: $0)].append((name, method)) }
        }
    }

    func method(_ name: UnsafeRawBufferPointer) -> Method? {
        for candidate in methods[Self.slot(of: name)] where name.hasBytes(of: candidate.name) {
            return candidate.method
        }
        return nil
    }

    /// Names differ in their last three words of eight bytes and in their length, if anywhere.
    private static func slot(of name: UnsafeRawBufferPointer) -> Int {
        var hash = UInt64(truncatingIfNeeded: name.count)
        for end in stride(from: name.count, through: max(8, name.count - 16), by: -8) {
            hash = (hash ^ name.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
        }
        return Int(truncatingIfNeeded: hash >> 56)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func hasBytes(of other: [UInt8]) -> Bool {
        other.withUnsafeBytes { $0.count == count && hasSameBytes(as: $0) }
    }
}
