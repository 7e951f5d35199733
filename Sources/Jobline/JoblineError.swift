public import JoblineProtocol

/// Error of a failed call, after all retries.
public struct JoblineError: Error, Sendable {
    /// Class of a failure; new codes may be added, so a `switch` needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        enum Kind: String {
            case unreachable, connectionLost, protocolViolation, timeout, cancelled, closed, overloaded
            case encoding, decoding
            case throttled, invalid, refused, forbidden, notFound, conflict, unavailable, methodNotFound
            case replyTooLarge, server
        }
        let kind: Kind

        init(_ kind: Kind) { self.kind = kind }

        /// The client could not connect to the daemon.
        public static let unreachable = Code(.unreachable)
        /// The connection closed before the response arrived.
        public static let connectionLost = Code(.connectionLost)
        /// The peer sent an invalid response; it may not be joblined.
        public static let protocolViolation = Code(.protocolViolation)
        /// The deadline passed.
        public static let timeout = Code(.timeout)
        /// The calling task was cancelled. Typed throws leave no room for a `CancellationError`.
        public static let cancelled = Code(.cancelled)
        /// The client was closed.
        public static let closed = Code(.closed)
        /// More calls wait for a slot than the client's configuration allows.
        public static let overloaded = Code(.overloaded)
        /// The request could not be encoded: its parameters are not a JSON object, or it is too large.
        public static let encoding = Code(.encoding)
        /// The call was executed, but its result does not match the contract.
        public static let decoding = Code(.decoding)
        /// Too many requests; retries failed, or would have exceeded the deadline.
        public static let throttled = Code(.throttled)
        /// The parameters do not match the contract; `wire.path` names the member.
        public static let invalid = Code(.invalid)
        /// The service's rules forbid the request.
        public static let refused = Code(.refused)
        /// The user of this process lacks the permission.
        public static let forbidden = Code(.forbidden)
        /// No such job or workflow.
        public static let notFound = Code(.notFound)
        /// A conflict, a name that is taken, or an exhausted quota of running jobs.
        public static let conflict = Code(.conflict)
        /// The daemon is draining, or its backend is unreachable.
        public static let unavailable = Code(.unavailable)
        /// The daemon does not know the method.
        public static let methodNotFound = Code(.methodNotFound)
        /// The response would exceed the size limit; request fewer elements.
        public static let replyTooLarge = Code(.replyTooLarge)
        /// The daemon failed, or responded with a code that this version does not know; `wire` holds the original
        /// error.
        public static let server = Code(.server)

        /// Name of the code.
        public var description: String { kind.rawValue }
    }

    /// Source location in the SDK.
    public struct Location: Sendable, Hashable, CustomStringConvertible {
        /// Module and file.
        public let file: String
        /// Line number, from 1.
        public let line: Int

        /// The location as `file:line`.
        public var description: String { "\(file):\(line)" }
    }

    /// Reason for the failure of one attempt.
    public struct Reason: Sendable, Hashable, CustomStringConvertible {
        /// Class of the failure.
        public let code: Code
        /// Description of the failure, as a lower-case clause.
        public let message: String

        /// The code and the message on one line.
        public var description: String { "\(code): \(message)" }
    }

    /// Class of the failure.
    public var code: Code
    /// Method of the failed call, such as `ComprehendMedical.DescribeRxNormInferenceJob`; nil if no single call failed.
    public var method: String? {
        get { names.method }
        set { names.method = newValue }
    }
    /// Job that the call refers to; nil if it refers to none or to several.
    public var job: JobReference? {
        get { names.job }
        set { names.job = newValue }
    }
    /// Description of the failure and its remedy, as a lower-case clause.
    public var message: String
    /// Underlying error.
    public var cause: (any Error)?
    /// Number of attempts made.
    public var attempts: Int
    /// Time from the call to its failure, pauses included; zero if no attempt was made.
    public var duration: Duration = .zero
    /// Reasons for earlier failures that differ from the last one; distinct, at most eight.
    public var earlierReasons: [Reason] = []
    /// Error that the daemon sent; nil if it sent none.
    public var wire: WireError? {
        get { if case .wire(let error) = answer { error } else { nil } }
        set { answer = newValue.map(Answer.wire) }
    }
    /// Whether the call may have been executed although it failed: an unknown job may exist.
    ///
    /// Set only for calls that change something; ``description`` begins with it. ``message`` says how to determine the
    /// outcome. Do that before repeating the call.
    public var outcomeUnknown: Bool
    /// Source location at which the error was created.
    public var location: Location

    /// Rare details are boxed: every step of a call reserves stack space for an error.
    private indirect enum Answer {
        case wire(WireError)
    }

    private var answer: Answer?

    private struct Names {
        var method: String?
        var job: JobReference?
    }

    private indirect enum Subject {
        case names(Names)
    }

    private var subject: Subject?

    private var names: Names {
        get { if case .names(let names) = subject { names } else { Names() } }
        set { subject = .names(newValue) }
    }

    init(
        _ code: Code, _ message: String, method: String? = nil, job: JobReference? = nil, cause: (any Error)? = nil,
        attempts: Int = 0, wire: WireError? = nil, outcomeUnknown: Bool = false, file: String = #fileID,
        line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.attempts = attempts
        self.answer = wire.map(Answer.wire)
        if method != nil || job != nil { subject = .names(Names(method: method, job: job)) }
        self.outcomeUnknown = outcomeUnknown
        self.location = Location(file: file, line: line)
    }
}

extension JoblineError: CustomStringConvertible {
    /// The error on one line: unknown outcome, code, method and job, number of attempts if more than one, message,
    /// cause, and earlier reasons.
    public var description: String {
        var text = outcomeUnknown ? "outcome unknown: \(code): " : "\(code): "
        let names = [method, job?.description].compactMap(\.self)
        if !names.isEmpty { text += names.joined(separator: " of ") + ": " }
        if attempts > 1 { text += "after \(attempts) attempts over \(duration.inSeconds): " }
        text += message
        if let type = wire?.type { text += " (\(type))" }
        if let cause { text += ": \(cause)" }
        if !earlierReasons.isEmpty {
            text += "; before that: " + earlierReasons.map(\.description).joined(separator: ", ")
        }
        return text
    }
}

extension Duration {
    /// The duration in seconds with one decimal, such as `1.2 s`.
    var inSeconds: String {
        let tenths = Int64((self / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
