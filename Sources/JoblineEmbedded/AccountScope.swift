/// Region and account of the resources.
struct AccountScope: Sendable, Hashable {
    var region: String
    /// 12 digits.
    var accountID: String

    /// Returns the ARN of a resource.
    ///
    /// - Parameters:
    ///   - service: Name of the service in ARNs, as `personalize`.
    ///   - resource: Kind and name, as `batch-segment-job/NAME`.
    func arn(_ service: String, _ resource: String) -> String {
        "arn:aws:\(service):\(region):\(accountID):\(resource)"
    }
}
