extension Method {
    /// The place of the method in `allCases`, for arrays with a value for every method; cases without a payload are kept as their number.
    package var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }

    /// By its place, not by the text of its name.
    package func hash(into hasher: inout Hasher) { hasher.combine(index) }

    /// What the contract says of the method beyond its messages.
    package var descriptor: MethodDescriptor { Self.descriptors[index] }

    private static let descriptors = allCases.map(\.contractDescriptor)
}
