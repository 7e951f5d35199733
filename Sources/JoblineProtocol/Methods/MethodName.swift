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

    /// A power of two, and so many that hardly two names share one.
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

    /// Names differ where they end and in their length, if anywhere.
    private static func slot(of name: UnsafeRawBufferPointer) -> Int {
        var hash = UInt64(truncatingIfNeeded: name.count)
        for byte in name.suffix(24) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 29) & (slots - 1)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func hasBytes(of other: [UInt8]) -> Bool {
        other.withUnsafeBytes { $0.count == count && hasSameBytes(as: $0) }
    }
}
