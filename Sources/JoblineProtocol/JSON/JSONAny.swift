/// Opens an existential for a generic parameter.
package struct JSONAny: JSONEncodable {
    private let value: any JSONEncodable

    package init(_ value: any JSONEncodable) { self.value = value }

    package func write(to writer: inout JSONWriter) { value.write(to: &writer) }
}
