package import JoblineProtocol

/// Operation of a service.
package struct AWSOperation: Sendable {
    /// Name, such as `DescribePHIDetectionJob`.
    package let name: String
    package let method: Method
    /// nil for an operation of a service without REST.
    package let binding: RESTBinding?

    /// Creates an operation of a service without REST.
    init(_ name: String, _ method: Method) {
        self.name = name
        self.method = method
        binding = nil
    }

    /// Creates an operation of a REST service.
    init(
        _ name: String, _ method: Method, _ verb: String, _ path: [RESTBinding.Segment],
        query: [RESTBinding.QueryMember] = []
    ) {
        self.name = name
        self.method = method
        binding = RESTBinding(verb: verb, path: path, query: query)
    }
}

/// Place of an operation and of its parameters in a REST request.
package struct RESTBinding: Sendable {
    /// Segment of a path.
    package enum Segment: Sendable, Hashable {
        case fixed(String)
        /// Value of a string member.
        case member(String)
    }

    /// Member in the query.
    package struct QueryMember: Sendable, Hashable {
        package let name: String
        package let isInteger: Bool

        init(_ name: String, isInteger: Bool = false) {
            self.name = name
            self.isInteger = isInteger
        }
    }

    /// HTTP method.
    package let verb: String
    package let path: [Segment]
    /// Members in the query. The other members are in the body.
    package let query: [QueryMember]
}
