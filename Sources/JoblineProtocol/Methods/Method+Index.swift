extension Method {
    /// Index in `allCases`, for arrays with one value for each method. Swift stores cases without payload as this
    /// number.
    package var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }

    /// Hashes the index instead of the raw string.
    package func hash(into hasher: inout Hasher) { hasher.combine(index) }

    /// Properties of the method in the contract.
    package var descriptor: MethodDescriptor { Self.descriptors[index] }

    private static let descriptors = allCases.map(\.contractDescriptor)
}
