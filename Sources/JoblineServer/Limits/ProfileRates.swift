internal import JoblineProtocol

/// Limits of a profile, by name.
struct ProfileRates {
    let clientRead: LimitConfiguration.Rate
    let clientWrite: LimitConfiguration.Rate
    private(set) var methods: [String: LimitConfiguration.Rate] = [:]
    let services: [String: LimitConfiguration.Rate] = [:]

    init(_ profile: LimitConfiguration.Profile) {
        // A few times the throughput of a small host: real work is never refused, and on a larger host one user's runaway
        // loop leaves room for the others.
        clientRead = .init(perSecond: 500_000, burst: 500_000)
        clientWrite = .init(perSecond: 50_000, burst: 50_000)
        switch profile {
        case .local: break
        case .aws:
            for descriptor in Method.allCases.map(\.descriptor) {
                if let quota = Self.publishedQuota(of: descriptor) {
                    methods[descriptor.name] = .init(perSecond: quota, burst: quota)
                }
            }
        }
    }

    /// Returns the published quota of a method in requests a second; nil where the service publishes none.
    private static func publishedQuota(of method: MethodDescriptor) -> Double? {
        switch (method.service, method.limitClass) {
        case ("ComprehendMedical", .write): 5
        case ("ComprehendMedical", .read): 10
        case ("EntityResolution", .write), ("EntityResolution", .read):
            method.name.contains("MatchingWorkflow") ? 5 : nil
        case (_, .write), (_, .read), (_, .unlimited): nil
        }
    }
}
