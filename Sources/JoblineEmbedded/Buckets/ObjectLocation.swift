/// Location in a bucket: `s3://BUCKET/KEY`.
struct ObjectLocation: Sendable, Hashable {
    /// Maximum length of a file name, in bytes: NAME_MAX of the file systems in use.
    private static let maximumPartBytes = 255
    private static let slash = UInt8(ascii: "/")

    let bucket: String
    /// Key as the caller wrote it; empty for the bucket itself.
    let key: String

    /// Creates a location from a bucket and a key.
    ///
    /// - Parameters:
    ///   - bucket: Name of a bucket.
    ///   - key: Names separated by single `/`; a leading and a trailing `/` are ignored.
    /// - Throws: `name` for parts that are not file names: `.`, `..`, empty, with NUL, or too long for a file system.
    init(bucket: String, key: String = "") throws(PathError) {
        try Self.check(bucket, "the bucket")
        for part in Self.parts(of: key) { try Self.check(part, "the key") }
        self.init(bucket, key)
    }

    /// Parses a URI.
    ///
    /// - Parameter uri: `s3://BUCKET`, `s3://BUCKET/KEY`, or the URL of such a location on Amazon S3.
    init(uri: String) throws(PathError) {
        let scheme = "s3://"
        guard uri.hasPrefix(scheme) else {
            self = try Self(url: uri)
            return
        }
        let rest = uri.dropFirst(scheme.count)
        let slash = rest.utf8.firstIndex(of: Self.slash) ?? rest.endIndex
        try self.init(bucket: String(rest[..<slash]), key: String(Substring(rest.utf8[slash...].dropFirst())))
    }

    private init(_ bucket: String, _ key: String) {
        self.bucket = bucket
        self.key = key
    }

    /// Parts of the key, each a plain file name.
    var parts: [String] { Self.parts(of: key).map(String.init) }

    /// Splits at bytes, as the system does: in a String, a `/` followed by a combining mark is a different character.
    private static func parts(of key: String) -> [Substring] {
        var parts = key.utf8.split(separator: slash, omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        if parts.first?.isEmpty == true { parts.removeFirst() }
        return parts.map(Substring.init)
    }

    /// The place as a URI, in the form it was given.
    var uri: String { key.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(key)" }

    /// Whether the key is empty or ends with `/`.
    var isFolder: Bool { key.isEmpty || key.utf8.last == Self.slash }

    /// Location one level up; a bucket is its own parent.
    var parent: ObjectLocation { ObjectLocation(bucket, parts.dropLast().joined(separator: "/")) }

    /// Returns the location of a directory in this one.
    func directory(_ name: String) throws(PathError) -> ObjectLocation {
        try Self.check(name, "the key")
        let above = isFolder ? key : key + "/"
        return ObjectLocation(bucket, "\(above)\(name)/")
    }

    /// Prefix of files and directories that the daemon creates in buckets while it publishes output.
    static let reserved = ".jobline-"

    static func isReserved(_ part: some StringProtocol) -> Bool { part.utf8.starts(with: reserved.utf8) }

    /// Throws unless the part is a plain file name.
    static func check(_ part: some StringProtocol, _ what: String) throws(PathError) {
        guard !part.isEmpty else { throw PathError(.name, "\(what) has an empty name, which no folder can hold") }
        guard part != ".", part != ".." else {
            throw PathError(.name, "\(what) has the part \(part), which is refused")
        }
        guard !part.utf8.contains(slash) else { throw PathError(.name, "\(what) has a part that holds a /") }
        guard !part.utf8.contains(0) else { throw PathError(.name, "\(what) holds a NUL character") }
        guard !isReserved(part) else {
            throw PathError(.name, "\(what) has a part that begins with \(reserved), which is reserved for the daemon")
        }
        guard part.utf8.count <= maximumPartBytes else {
            throw PathError(.name, "\(what) has a part of over \(maximumPartBytes) bytes")
        }
    }
}
