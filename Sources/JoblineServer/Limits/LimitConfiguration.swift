internal import JoblineProtocol

/// Rate limits of a server: a profile and the numbers that override it.
package struct LimitConfiguration: Sendable, Hashable {
    /// A request rate with its burst.
    package struct Rate: Sendable, Hashable {
        /// Requests a second, more than 0.
        package var perSecond: Double
        /// Requests that may come at once, at least 1.
        package var burst: Double

        package init(perSecond: Double, burst: Double) {
            self.perSecond = perSecond
            self.burst = burst
        }
    }

    /// Named set of default limits.
    package enum Profile: String, Sendable, Hashable, CaseIterable {
        /// Generous limits for a service on this host.
        case local
        /// Quotas that the real services publish for an account.
        case aws
    }

    /// Defaults for every limit that is not set below.
    package var profile: Profile
    /// Whether requests over a limit are only counted, and pass.
    package var shadow: Bool
    /// Limit of one user's describe, list and get calls; nil for the profile's.
    package var clientRead: Rate?
    /// Limit of one user's start, stop and create calls; nil for the profile's.
    package var clientWrite: Rate?
    /// Limits by method name, such as `ComprehendMedical.ListRxNormInferenceJobs`. They override the profile.
    package var methods: [String: Rate]
    /// Limits by service name, such as `Personalize`. They override the profile.
    package var services: [String: Rate]

    package init(
        profile: Profile = .local, shadow: Bool = false, clientRead: Rate? = nil, clientWrite: Rate? = nil,
        methods: [String: Rate] = [:], services: [String: Rate] = [:]
    ) {
        self.profile = profile
        self.shadow = shadow
        self.clientRead = clientRead
        self.clientWrite = clientWrite
        self.methods = methods
        self.services = services
    }
}

extension LimitConfiguration {
    /// One limit in force, as `Sidecar.GetInfo` reports it.
    package struct Entry: Sendable, Hashable {
        /// Budget that the limit belongs to.
        package let scope: RateLimiter.Scope
        /// `read` or `write` for a client, otherwise the name of a method or service.
        package let key: String
        package let rate: Rate
    }

    /// All limits in force: the client's first, then by name.
    package var entries: [Entry] {
        let profile = ProfileRates(profile)
        let methods = profile.methods.merging(self.methods) { $1 }
        let services = profile.services.merging(self.services) { $1 }
        return [
            Entry(scope: .client, key: "read", rate: clientRead ?? profile.clientRead),
            Entry(scope: .client, key: "write", rate: clientWrite ?? profile.clientWrite),
        ]
            + methods.sorted { $0.key < $1.key }.map { Entry(scope: .method, key: $0.key, rate: $0.value) }
            + services.sorted { $0.key < $1.key }.map { Entry(scope: .service, key: $0.key, rate: $0.value) }
    }

    /// Validates names and numbers.
    ///
    /// - Returns: Limits for a ``RateLimiter``.
    /// - Throws: For the first name that is not in the contract, or the first number that is out of range.
    package func resolve() throws(LimitConfigurationError) -> RateLimiter.Limits {
        var limits = RateLimiter.Limits(shadow: shadow)
        for entry in entries {
            guard let rate = GCRA.Rate(perSecond: entry.rate.perSecond, burst: entry.rate.burst) else {
                throw .rate(entry)
            }
            switch entry.scope {
            case .client where entry.key == "write": limits.clientWrite = rate
            case .client: limits.clientRead = rate
            case .method:
                guard let method = Method(rawValue: entry.key) else { throw .unknownMethod(entry.key) }
                guard method.descriptor.limitClass != .unlimited else { throw .unlimited(entry.key) }
                limits.methods[method] = rate
            case .service:
                guard let service = Method.limitedServices.first(where: { $0 == entry.key }) else {
                    throw .unknownService(entry.key)
                }
                limits.services[service] = rate
            }
        }
        return limits
    }
}

extension Method {
    /// Services with at least one limited method.
    static let limitedServices: Set<Substring> = Set(
        allCases.map(\.descriptor).filter { $0.limitClass != .unlimited }.map(\.service))
}
