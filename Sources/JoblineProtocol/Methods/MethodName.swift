/// Method name of a request: a method of the contract, or an unknown name.
package enum MethodName: Sendable, Hashable {
    case known(Method)
    case unknown(String)

    package init(_ name: String) { self = Method(rawValue: name).map(Self.known) ?? .unknown(name) }

    package var text: String {
        switch self {
        case .known(let method): method.rawValue
        case .unknown(let name): name
        }
    }

    /// Method of the contract; nil if the name is unknown.
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
    /// Finds the method whose name has these bytes.
    init?(_ name: UnsafeRawBufferPointer) {
        guard let method = MethodIndex.shared.method(name) else { return nil }
        self = method
    }
}

/// Hash table of method names, looked up by bytes without creating a `String`.
private struct MethodIndex {
    static let shared = MethodIndex()

    /// Number of slots; with 256, collisions are rare.
    private static let slots = 256

    /// Open addressing with linear probing.
    private var methods: [Method?] = Array(repeating: nil, count: slots)

    init() {
        for method in Method.allCases {
            var name = method.rawValue
            name.withUTF8 { name in
                var slot = Self.slot(of: UnsafeRawBufferPointer(name))
                while methods[slot] != nil { slot = (slot + 1) % Self.slots }
                methods[slot] = method
            }
        }
    }

    func method(_ name: UnsafeRawBufferPointer) -> Method? {
        var slot = Self.slot(of: name)
        while let method = methods[slot] {
            var candidate = method.rawValue
            if candidate.withUTF8({ name.hasSameBytes(as: UnsafeRawBufferPointer($0)) }) { return method }
            slot = (slot + 1) % Self.slots
        }
        return nil
    }

    private static func slot(of name: UnsafeRawBufferPointer) -> Int { Int(truncatingIfNeeded: name.fastHash >> 56) }
}
