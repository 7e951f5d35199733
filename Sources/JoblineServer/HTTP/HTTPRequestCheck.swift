internal import JoblineAWS
internal import NIOHTTP1

/// Checks of a request's head that do not depend on its operation.
struct HTTPRequestCheck {
    /// Maximum size of all header fields, in bytes.
    static let headBytes = 16 << 10
    /// Header fields that browsers and proxies add. Their requests come from a page or a host that the caller did not choose.
    private static let foreignFields = ["origin", "sec-fetch-site", "x-forwarded-for", "forwarded"]

    /// Whether the request came over TCP, where a browser can send requests too.
    let isTCP: Bool

    /// Refuses a request that no SDK sends.
    ///
    /// - Returns: nil if the request is acceptable.
    func refusal(of head: HTTPRequestHead) -> AWSRefusal? {
        let bytes = head.uri.utf8.count + head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard bytes <= Self.headBytes else {
            return AWSRefusal(431, "SerializationException", "the head of the request is over \(Self.headBytes) bytes")
        }
        guard head.version.major == 1 else {
            return AWSRefusal(505, "SerializationException", "the HTTP version is not 1.1")
        }
        for name in Self.foreignFields where head.headers.contains(name: name) {
            return AWSRefusal(
                403, "AccessDeniedException",
                "requests of browsers and proxies are refused: they have the field \(name)")
        }
        guard !isTCP || Self.isLoopback(host: head.headers.first(name: "host") ?? "") else {
            return AWSRefusal(
                403, "AccessDeniedException",
                "the host of the request is no name of the loopback interface, such as localhost or 127.0.0.1")
        }
        return nil
    }

    /// Whether a `Host` field names the loopback interface: another name can be a page's own (DNS rebinding).
    private static func isLoopback(host: String) -> Bool {
        if host.hasPrefix("[") { return host == "[::1]" || host.hasPrefix("[::1]:") }
        let name = host.split(separator: ":", omittingEmptySubsequences: false).first.map { $0.lowercased() } ?? ""
        return name == "localhost" || name.hasSuffix(".localhost") || HTTPAddress("\(name):1") != nil
    }
}
