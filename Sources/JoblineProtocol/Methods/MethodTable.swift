/// One value for every method, found without hashing.
package struct MethodTable<Value> {
    private var values: [Value]

    /// - Parameter value: Makes the value of a method.
    package init(_ value: (Method) throws -> Value) rethrows { values = try Method.allCases.map(value) }

    package subscript(method: Method) -> Value {
        get { values[method.index] }
        _modify { yield &values[method.index] }
    }
}

extension MethodTable: Sendable where Value: Sendable {}

extension Method {
    /// By its place, not by the text of its name.
    package func hash(into hasher: inout Hasher) { hasher.combine(index) }

    /// The place of the method in `allCases`; cases without a payload are kept as their number.
    fileprivate var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }

    /// What the contract says of the method beyond its messages.
    package var descriptor: MethodDescriptor { Self.descriptors[self] }

    private static let descriptors = MethodTable(\.contractDescriptor)
}
