/// String with a list of known values; unknown values are kept.
package protocol OpenEnumeration: RawRepresentable, JSONCodable where RawValue == String {
    /// Values known to this version, in the order of the contract.
    static var known: [Self] { get }
    /// Whether this version knows the value.
    var isKnown: Bool { get }
    init(rawValue: String)
}

extension OpenEnumeration {
    package init(from reader: inout JSONReader) throws(JSONError) { self.init(rawValue: try reader.string()) }
    package func write(to writer: inout JSONWriter) { writer.string(rawValue) }

    /// Description of the allowed values for error messages.
    static var expectation: String { "has to be one of \(known.map(\.rawValue).joined(separator: ", "))" }
}
