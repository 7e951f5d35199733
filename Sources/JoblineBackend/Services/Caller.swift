/// Identity on whose behalf a request is made. Access rules, limits and caps tell callers apart by it.
package enum Caller: Sendable, Hashable, CustomStringConvertible {
    /// User of this host, by user id.
    case user(UInt32)

    package var description: String {
        switch self {
        case .user(let uid): "uid \(uid)"
        }
    }
}
