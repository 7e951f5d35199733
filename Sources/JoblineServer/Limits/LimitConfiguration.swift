internal import JoblineProtocol

/// Which limits a server keeps: a profile, and what is said differently from it.
package struct LimitConfiguration: Sendable, Hashable {
    /// A number of requests over time.
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

    /// A set of limits to start from.
    package enum Profile: String, Sendable, Hashable, CaseIterable {
        /// Generous, for a service that runs on this host.
        case local
        /// The quotas that the real services publish for an account.
        case aws
    }

    /// The set of limits to start from.
    package var profile: Profile
    /// True: count what would be refused, and let it pass.
    package var shadow: Bool
    /// Describe, list and get of one user id; nil: the profile's.
    package var clientRead: Rate?
    /// Start, stop and create of one user id; nil: the profile's.
    package var clientWrite: Rate?
    /// Limits by method name such as `ComprehendMedical.ListRxNormInferenceJobs`; they replace the profile's.
    package var methods: [String: Rate]
    /// Limits by service name such as `Personalize`; they replace the profile's.
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
    /// One limit in force, for people to read.
    package struct Entry: Sendable, Hashable {
        /// What kind of budget it is.
        package let scope: RateLimiter.Scope
        /// `read` or `write` for a client, else the name of a method or service.
        package let key: String
        package let rate: Rate
    }

    /// Every limit in force, the client's first, then by name.
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

    /// Checks every name and number.
    ///
    /// - Returns: What the limiter works with.
    /// - Throws: For the first name that is not in the contract, or number that is out of range.
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
    /// Services with at least one method that can be limited.
    static let limitedServices: Set<Substring> = Set(
        allCases.map(\.descriptor).filter { $0.limitClass != .unlimited }.map(\.service))
}
