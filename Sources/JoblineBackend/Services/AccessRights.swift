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

    /// Whether the rights allow methods of a class. Unlimited methods are always allowed.
    package func allow(_ limitClass: MethodDescriptor.LimitClass) -> Bool {
        switch limitClass {
        case .read: contains(.read)
        case .write: contains(.write)
        case .unlimited: true
        }
    }
}
