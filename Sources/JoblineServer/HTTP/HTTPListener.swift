/// Listening socket of the AWS endpoint.
package enum HTTPListener: Sendable {
    /// Address of the loopback interface, bound when the server starts.
    case address(HTTPAddress)
    case unix(UnixListener)
}

/// IP address and port of the AWS endpoint. Only the loopback interface is allowed: callers are users of this host.
package struct HTTPAddress: Sendable, Hashable, CustomStringConvertible {
    /// IPv4 or IPv6 address, without brackets.
    package let host: String
    package let port: Int

    /// Parses an address, such as `127.0.0.1:8420` or `[::1]:8420`.
    ///
    /// - Returns: nil if it is no loopback address with a port.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = String(text[..<colon])
        if host == "[::1]" {
            host = "::1"
        } else {
            let bytes = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            guard bytes.count == 4, bytes.allSatisfy({ $0 != nil }), bytes[0] == 127 else { return nil }
        }
        self.host = host
        self.port = Int(port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
