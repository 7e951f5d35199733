internal import JoblineProtocol

/// A rate limit in the configuration is invalid.
package struct LimitConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case unknownName, unlimited, rate }
        private let kind: Kind

        /// The contract has no such method or service.
        package static let unknownName = Code(kind: .unknownName)
        /// The method is never limited.
        package static let unlimited = Code(kind: .unlimited)
        /// A number is out of range.
        package static let rate = Code(kind: .rate)
    }

    package let code: Code
    /// Lower-case clause that names the limit and what is expected.
    package let message: String
    /// Key of the limit: `read`, `write`, or the name of a method or service.
    package let key: String

    package var description: String { message }
}

extension LimitConfigurationError {
    static func unknownMethod(_ name: String) -> Self {
        .init(code: .unknownName, message: "limit for \(name): there is no such method", key: name)
    }

    static func unknownService(_ name: String) -> Self {
        let known = Method.limitedServices.sorted().joined(separator: ", ")
        return .init(
            code: .unknownName, message: "limit for \(name): there is no such service, only \(known)", key: name)
    }

    static func unlimited(_ name: String) -> Self {
        .init(code: .unlimited, message: "limit for \(name): this method is never limited", key: name)
    }

    static func rate(_ entry: LimitConfiguration.Entry) -> Self {
        .init(
            code: .rate,
            message: "limit for \(entry.key): a rate of \(entry.rate.perSecond) a second with a burst of "
                + "\(entry.rate.burst) cannot be kept; a rate over 0 and a burst of at least 1 are expected",
            key: entry.key)
    }
}
