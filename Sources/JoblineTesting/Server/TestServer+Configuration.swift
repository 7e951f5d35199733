public import Jobline
internal import JoblineServer

extension TestServer {
    /// Configuration of a test server.
    public struct Configuration: Sendable {
        /// Clock of the server and the clients it creates.
        public var clock: TestClock
        /// Rate limits of the server.
        public var limits: Limits
        /// Configuration of ``TestServer/client``; the server sets the socket path.
        public var client: JoblineClient.Configuration
        /// Whether missing input of a job is generated: a file if the request names one, else a folder with `input-1.txt` and
        /// `input-2.txt`. If false, a job without input fails.
        public var suppliesInput: Bool
        /// Timeout of each step of a test, in real time; 10 s by default.
        public var stepTimeout: Duration

        /// Creates a configuration.
        ///
        /// - Parameters:
        ///   - clock: Clock of the server and the clients it creates; an automatic clock of its own by default.
        ///   - limits: Rate limits of the server; none by default.
        ///   - client: Configuration of ``TestServer/client``; the server sets the socket path.
        ///   - suppliesInput: Whether missing input of a job is generated.
        ///   - stepTimeout: Timeout of each step of a test, in real time.
        public init(
            clock: TestClock = TestClock(), limits: Limits = .none,
            client: JoblineClient.Configuration = JoblineClient.Configuration(), suppliesInput: Bool = true,
            stepTimeout: Duration = .seconds(10)
        ) {
            self.clock = clock
            self.limits = limits
            self.client = client
            self.suppliesInput = suppliesInput
            self.stepTimeout = stepTimeout
        }
    }

    /// Rate limits; requests above them are throttled with a retry hint.
    public struct Limits: Sendable, Hashable {
        private enum Profile: Hashable { case none, local, aws }
        private var profile: Profile
        private var methods: [String: Rate] = [:]

        private struct Rate: Hashable {
            var perSecond: Double
            var burst: Int
        }

        /// No limits.
        public static let none = Limits(profile: .none)
        /// Default limits of the daemon.
        public static let local = Limits(profile: .local)
        /// Quotas that the AWS services publish for an account.
        public static let aws = Limits(profile: .aws)

        /// Returns these limits with another limit for one method.
        ///
        /// - Parameters:
        ///   - perSecond: Sustained requests per second, more than 0.
        ///   - burst: Maximum burst of requests, at least 1.
        ///   - method: Method, such as `ComprehendMedical.DescribeRxNormInferenceJob`.
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
