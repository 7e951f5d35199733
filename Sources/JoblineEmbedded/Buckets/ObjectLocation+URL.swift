extension ObjectLocation {
    private static let schemes = ["https://", "http://"]
    private static let domains = [".amazonaws.com", ".amazonaws.com.cn"]

    /// Parses a URL of Amazon S3.
    ///
    /// - Parameter url: `https://BUCKET.s3.REGION.amazonaws.com/KEY` or `https://s3.REGION.amazonaws.com/BUCKET/KEY`, the key
    ///   percent-encoded; the region may be absent, or joined to `s3` by `-`.
    init(url: String) throws(PathError) {
        guard let scheme = Self.schemes.first(where: url.hasPrefix) else {
            throw PathError(.name, "has to begin with s3://, or be a URL of Amazon S3")
        }
        let rest = url.utf8.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        guard let bucket = Self.bucket(ofHost: String(Substring(rest[..<end])).lowercased()) else {
            throw PathError(
                .name, "has to begin with s3://, or be a URL of Amazon S3; other hosts are not supported")
        }
        guard let path = Self.percentDecoded(rest[end...].dropFirst()) else {
            throw PathError(.name, "is not percent-encoded as a URL has to be, or has a query")
        }
        if bucket.isEmpty {
            try self.init(uri: "s3://\(path)")
        } else {
            try self.init(bucket: bucket, key: path)
        }
    }

    /// Returns the bucket in the name of an Amazon S3 host; empty if the path begins with the bucket; nil for other hosts.
    private static func bucket(ofHost host: String) -> String? {
        guard let domain = domains.first(where: host.hasSuffix) else { return nil }
        let labels = host.dropLast(domain.count).split(separator: ".", omittingEmptySubsequences: false)
        guard let service = labels.lastIndex(where: { $0 == "s3" || $0.hasPrefix("s3-") }) else { return nil }
        let region = labels[(service + 1)...]
        guard region.count <= 1 || region.count == 2 && region.first == "dualstack" else { return nil }
        return labels[..<service].joined(separator: ".")
    }

    /// Returns nil for invalid percent-encoding, a query or a fragment.
    private static func percentDecoded(_ path: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = path
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "?"), UInt8(ascii: "#"): return nil
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
                    let value = UInt8(String(Substring(digits)), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
