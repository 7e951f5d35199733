/// Refusals of requests that were meant for something else, with the way out.
enum Misdirection {
    private static let served = "jobline serves the jobs of Comprehend Medical, Personalize and Entity Resolution"

    /// Advice to set the endpoint for the services that are served, instead of for all.
    private static var advice: String {
        let variables = AWSService.all.map(\.endpointVariable).joined(separator: ", ")
        return "set \(variables) instead of AWS_ENDPOINT_URL"
    }

    /// - Parameter name: Name of the service or its target, as the request has it.
    static func otherService(_ name: String) -> AWSRefusal {
        .unknownOperation("\"\(name.quotable)\" is not served here: \(served); \(advice)")
    }

    static func otherOperation(_ name: String, of service: AWSService) -> AWSRefusal {
        .unknownOperation(
            "\(service.name) has no operation \"\(name.quotable)\" here: \(served); "
                + "call other operations without \(service.endpointVariable)")
    }

    /// Refuses a request whose path belongs to no operation.
    static func unknown(_ head: AWSRequestHead) -> AWSRefusal {
        if let scope = head.credentialScope,
            !AWSService.all.contains(where: { $0.signingName == scope.service })
        {
            return otherService(scope.service)
        }
        if head.mediaType == "application/x-www-form-urlencoded" {
            return .unknownOperation("a form is a request of another service, such as STS: \(served); \(advice)")
        }
        if head.verb == "GET", head.value(of: "accept")?.contains("text/html") == true {
            return .unknownOperation("this is an endpoint for AWS SDKs, not a web site: \(served)")
        }
        return .unknownOperation("no operation has this path: \(served); \(advice)")
    }
}
