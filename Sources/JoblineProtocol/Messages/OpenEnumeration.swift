/// A string of which the contract knows some values; another one is kept as it came.
package protocol OpenEnumeration: RawRepresentable, JSONCodable where RawValue == String {
    /// The values that this version knows, in the order of the contract.
    static var known: [Self] { get }
    /// True if this version knows the value.
    var isKnown: Bool { get }
    init(rawValue: String)
}

extension OpenEnumeration {
    package init(from reader: inout JSONReader) throws(JSONError) { self.init(rawValue: try reader.string()) }
    package func write(to writer: inout JSONWriter) { writer.string(rawValue) }

    /// What a request has to hold, for messages.
    static var expectation: String { "has to be one of \(known.map(\.rawValue).joined(separator: ", "))" }
}
