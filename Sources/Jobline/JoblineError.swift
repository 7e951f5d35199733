public import JoblineProtocol

/// Why a call failed, after the attempts that made sense.
public struct JoblineError: Error, Sendable {
    /// The class of a failure; more may be added, so a `switch` over them needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        enum Kind: String {
            case unreachable, connectionLost, protocolViolation, timeout, cancelled, closed, overloaded
            case encoding, decoding
            case throttled, invalid, refused, forbidden, notFound, conflict, unavailable, methodNotFound
            case replyTooLarge, server
        }
        let kind: Kind

        init(_ kind: Kind) { self.kind = kind }

        /// No connection to the daemon could be made.
        public static let unreachable = Code(.unreachable)
        /// The connection ended before the answer came.
        public static let connectionLost = Code(.connectionLost)
        /// What came over the socket is no answer; the peer may not be joblined.
        public static let protocolViolation = Code(.protocolViolation)
        /// The deadline passed.
        public static let timeout = Code(.timeout)
        /// The calling task was cancelled. Typed throws leave no room for a `CancellationError`.
        public static let cancelled = Code(.cancelled)
        /// The client was closed.
        public static let closed = Code(.closed)
        /// More calls wait in this client than its configuration allows.
        public static let overloaded = Code(.overloaded)
        /// The request could not be written: no JSON object, or too large.
        public static let encoding = Code(.encoding)
        /// The call was carried out, but its result is not what the contract says.
        public static let decoding = Code(.decoding)
        /// Too many requests, and waiting did not help or would have passed the deadline.
        public static let throttled = Code(.throttled)
        /// The parameters do not fit the contract; `wire.path` names the member.
        public static let invalid = Code(.invalid)
        /// The service's rules forbid the request.
        public static let refused = Code(.refused)
        /// This user may not do this.
        public static let forbidden = Code(.forbidden)
        /// No such job or workflow.
        public static let notFound = Code(.notFound)
        /// A conflict, a name that is taken, a quota of running jobs.
        public static let conflict = Code(.conflict)
        /// The daemon is stopping, or what is behind it cannot be reached.
        public static let unavailable = Code(.unavailable)
        /// The daemon knows no such method.
        public static let methodNotFound = Code(.methodNotFound)
        /// The answer would exceed the cap; ask for fewer.
        public static let replyTooLarge = Code(.replyTooLarge)
        /// The daemon failed, or answered with a code that this version does not know; `wire` has it as it came.
        public static let server = Code(.server)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// A place in the source of the SDK.
    public struct Location: Sendable, Hashable, CustomStringConvertible {
        /// Module and file.
        public let file: String
        /// Line, from 1 on.
        public let line: Int

        /// The place as `file:line`.
        public var description: String { "\(file):\(line)" }
    }

    /// Why one attempt failed.
    public struct Reason: Sendable, Hashable, CustomStringConvertible {
        /// The class of the failure.
        public let code: Code
        /// What failed, as a lower-case clause.
        public let message: String

        /// Code and message on one line.
        public var description: String { "\(code): \(message)" }
    }

    /// The class of the failure.
    public var code: Code
    /// Method that failed, such as `ComprehendMedical.DescribeRxNormInferenceJob`; nil if the failure is of no single call.
    public var method: String? {
        get { names.method }
        set { names.method = newValue }
    }
    /// The job that the call was about; nil where it was about none, or about several.
    public var job: JobReference? {
        get { names.job }
        set { names.job = newValue }
    }
    /// What failed and the way out, as a lower-case clause.
    public var message: String
    /// What went wrong underneath.
    public var cause: (any Error)?
    /// How often the request was tried.
    public var attempts: Int
    /// Time from the call to its failure, pauses included; zero for what failed before any attempt.
    public var duration: Duration = .zero
    /// Why the attempts before the last one failed, where for other reasons than that; each once, and no more than eight.
    public var earlierReasons: [Reason] = []
    /// The daemon's error as it came, where it answered with one.
    public var wire: WireError? {
        get { if case .wire(let error) = answer { error } else { nil } }
        set { answer = newValue.map(Answer.wire) }
    }
    /// True if the call may have been carried out although it failed: there may be a job that nobody knows of.
    ///
    /// Only calls that change something have it, and ``description`` begins with it. ``message`` says how to find out; never
    /// take it for a plain failure and call again.
    public var outcomeUnknown: Bool
    /// Where in the SDK the error was made.
    public var location: Location

    /// Rare details live in a box of their own, because every step of a call reserves room for an error.
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
    /// The error on one line: whether the outcome is unknown, code, method and job, attempts if there were several,
    /// message and cause, and why earlier attempts failed.
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
    /// For people, such as `1.2 s`.
    var inSeconds: String {
        let tenths = Int64((self / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
