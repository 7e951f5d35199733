public import Jobline
internal import JoblineServer

extension TestServer {
    /// How a test server behaves.
    public struct Configuration: Sendable {
        /// What the server and the clients it makes take their time from.
        public var clock: TestClock
        /// How many requests pass.
        public var limits: Limits
        /// What ``TestServer/client`` does differently; its socket is that of the server.
        public var client: JoblineClient.Configuration
        /// Whether a job whose input nobody put finds something made up: a file where its request names one, else a folder with
        /// `input-1.txt` and `input-2.txt`. If false it fails, as it would elsewhere.
        public var suppliesInput: Bool
        /// How long a step of a test waits for its effect, in real time, before it throws; 10 s.
        public var patience: Duration

        /// A configuration.
        ///
        /// - Parameters:
        ///   - clock: What the server and the clients it makes take their time from; one of its own if not given.
        ///   - limits: How many requests pass.
        ///   - client: What ``TestServer/client`` does differently.
        ///   - suppliesInput: Whether a job whose input nobody put finds something made up.
        ///   - patience: How long a step of a test waits for its effect.
        public init(
            clock: TestClock = TestClock(), limits: Limits = .none,
            client: JoblineClient.Configuration = JoblineClient.Configuration(), suppliesInput: Bool = true,
            patience: Duration = .seconds(10)
        ) {
            self.clock = clock
            self.limits = limits
            self.client = client
            self.suppliesInput = suppliesInput
            self.patience = patience
        }
    }

    /// How many requests pass; the others are throttled with the time after which they would pass.
    public struct Limits: Sendable, Hashable {
        private enum Profile: Hashable { case none, local, aws }
        private var profile: Profile
        private var methods: [String: Rate] = [:]

        private struct Rate: Hashable {
            var perSecond: Double
            var burst: Int
        }

        /// All requests.
        public static let none = Limits(profile: .none)
        /// As many as the daemon lets pass by default.
        public static let local = Limits(profile: .local)
        /// As many as the real services, by the quotas that they publish for an account.
        public static let aws = Limits(profile: .aws)

        /// The same with a limit for one method.
        ///
        /// - Parameters:
        ///   - perSecond: Requests a second that pass for ever, more than 0.
        ///   - burst: Requests that pass at once after a pause, at least 1.
        ///   - method: Such as `ComprehendMedical.DescribeRxNormInferenceJob`.
        public func limiting(_ method: String, perSecond: Double, burst: Int = 1) -> Limits {
            var limits = self
            limits.methods[method] = Rate(perSecond: perSecond, burst: burst)
            return limits
        }

        func resolve() throws(TestServerError) -> RateLimiter.Limits {
            var configuration = LimitConfiguration()
            switch profile {
            case .none:
                configuration.clientRead = .init(perSecond: 1_000_000_000, burst: 1_000_000_000)
                configuration.clientWrite = configuration.clientRead
            case .local: break
            case .aws: configuration.profile = .aws
            }
            configuration.methods = methods.mapValues { .init(perSecond: $0.perSecond, burst: Double($0.burst)) }
            do {
                return try configuration.resolve()
            } catch {
                throw TestServerError(.limit, error.message)
            }
        }
    }
}
