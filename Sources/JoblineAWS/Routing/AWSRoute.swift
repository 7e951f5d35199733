package import JoblineProtocol

/// Operation that a request asks for, with the parameters that its head contains.
package struct AWSRoute: Sendable {
    /// Parameter from the path or the query.
    struct Value: Sendable, Hashable {
        let name: String
        let text: String
        var isInteger = false
    }

    package let service: AWSService
    package let operation: AWSOperation
    package let wire: AWSWire
    /// Parameters from path and query, in the order of the contract.
    let values: [Value]

    package var method: Method { operation.method }

    init(_ service: AWSService, _ operation: AWSOperation, _ wire: AWSWire, values: [Value] = []) {
        self.service = service
        self.operation = operation
        self.wire = wire
        self.values = values
    }
}
