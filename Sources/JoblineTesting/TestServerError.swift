internal import Jobline

/// An error of a test server or one of its jobs.
public struct TestServerError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case noJob, jobState, object, fault, limit, timeout, stopped, environment }
        private let kind: Kind

        /// There is no such job.
        public static let noJob = Code(kind: .noJob)
        /// The state of the job does not allow the step.
        public static let jobState = Code(kind: .jobState)
        /// An object cannot be read or written, or its name is invalid.
        public static let object = Code(kind: .object)
        /// The contract does not allow the fault for the method, or no method matches.
        public static let fault = Code(kind: .fault)
        /// A rate limit is invalid.
        public static let limit = Code(kind: .limit)
        /// A wait timed out, or its task was cancelled.
        public static let timeout = Code(kind: .timeout)
        /// The server was stopped.
        public static let stopped = Code(kind: .stopped)
        /// The directory, socket or database of the server cannot be created or read.
        public static let environment = Code(kind: .environment)
    }

    /// The kind of failure.
    public let code: Code
    /// Description of the failure: a lower-case clause without a full stop.
    public let message: String
    /// Underlying error.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Message and cause on one line.
    public var description: String { cause.map { "\(message): \($0)" } ?? message }
}
