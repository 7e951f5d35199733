package import JoblineProtocol

/// Classes of methods that a caller may call.
package struct AccessRights: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Describe, list, get, watch.
    package static let read = AccessRights(rawValue: 1 << 0)
    /// Start, stop, create, update, delete.
    package static let write = AccessRights(rawValue: 1 << 1)
    /// Everything.
    package static let all: AccessRights = [.read, .write]

    /// Rights that a caller needs for methods of a class; none for unlimited methods.
    package init(requiredFor limitClass: MethodDescriptor.LimitClass) {
        switch limitClass {
        case .read: self = .read
        case .write: self = .write
        case .unlimited: self = []
        }
    }
}
