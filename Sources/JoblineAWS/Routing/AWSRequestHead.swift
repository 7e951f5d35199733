/// Head of an HTTP request, as far as it decides where the request goes.
package struct AWSRequestHead: Sendable {
    /// HTTP method, such as `POST`.
    package let verb: String
    /// Path without decoding, and without the query.
    package let path: String
    /// Query without decoding; nil if there is none.
    package let query: String?
    private let headers: [(name: String, value: String)]

    /// - Parameters:
    ///   - verb: HTTP method.
    ///   - target: Target of the request line, such as `/path?query`.
    ///   - headers: Header fields in their order.
    package init(_ verb: String, _ target: String, headers: [(name: String, value: String)]) {
        self.verb = verb
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        query = parts.count > 1 ? String(parts[1]) : nil
        self.headers = headers.map { ($0.name.lowercased(), $0.value) }
    }

    /// Returns the first value of a header field; nil if there is none.
    ///
    /// - Parameter name: Name of the field in lower case.
    package func value(of name: String) -> String? { headers.first { $0.name == name }?.value }

    /// Media type of the body in lower case, without parameters; nil if there is none.
    var mediaType: String? {
        value(of: "content-type")?.split(separator: ";", omittingEmptySubsequences: false).first
            .map { $0.lowercased().trimmingSpace }
    }
}

extension String {
    /// The string without spaces and tabs at its ends.
    var trimmingSpace: String {
        var text = Substring(self)
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
