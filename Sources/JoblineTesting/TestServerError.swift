internal import Jobline

/// Why a test server cannot do what a test asks for.
public struct TestServerError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case noJob, jobState, object, fault, limit, timeout, stopped, environment }
        private let kind: Kind

        /// There is no such job.
        public static let noJob = Code(kind: .noJob)
        /// The job is not in a state in which this can be done.
        public static let jobState = Code(kind: .jobState)
        /// An object cannot be named, read or written so.
        public static let object = Code(kind: .object)
        /// The fault does not fit the method, or there is no such method.
        public static let fault = Code(kind: .fault)
        /// A rate limit does not make sense.
        public static let limit = Code(kind: .limit)
        /// What was waited for did not happen in time, or the task was cancelled before.
        public static let timeout = Code(kind: .timeout)
        /// The server was stopped.
        public static let stopped = Code(kind: .stopped)
        /// The machine does not let the server run: no directory, no socket, no database.
        public static let environment = Code(kind: .environment)
    }

    /// The kind of failure.
    public let code: Code
    /// A lower-case clause that names the thing and the way out.
    public let message: String
    /// What went wrong underneath.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Message and cause on one line.
    public var description: String { cause.map { "\(message): \($0)" } ?? message }
}
