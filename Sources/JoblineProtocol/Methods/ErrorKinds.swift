/// Kinds of error that a service can return; ``ErrorTypes`` has their names.
package struct ErrorKinds: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let invalid = ErrorKinds(rawValue: 1 << 0)
    package static let invalidToken = ErrorKinds(rawValue: 1 << 1)
    package static let notFound = ErrorKinds(rawValue: 1 << 2)
    package static let conflict = ErrorKinds(rawValue: 1 << 3)
    package static let alreadyExists = ErrorKinds(rawValue: 1 << 4)
    package static let quota = ErrorKinds(rawValue: 1 << 5)
}
