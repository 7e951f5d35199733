/// Wrapper that passes an existential as a generic argument.
package struct JSONAny: JSONEncodable {
    private let value: any JSONEncodable

    package init(_ value: any JSONEncodable) { self.value = value }

    package func write(to writer: inout JSONWriter) { value.write(to: &writer) }
}
