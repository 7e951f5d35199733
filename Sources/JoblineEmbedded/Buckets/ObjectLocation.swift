/// A place in a bucket: `s3://BUCKET/KEY`.
struct ObjectLocation: Sendable, Hashable {
    /// Bytes of a file's name: NAME_MAX of every file system in use.
    private static let maximumPartBytes = 255
    private static let slash = UInt8(ascii: "/")

    let bucket: String
    /// The key as it was given; empty for the bucket itself.
    let key: String

    /// A place named by bucket and key.
    ///
    /// - Parameters:
    ///   - bucket: Name of a bucket.
    ///   - key: Names separated by single `/`; a first and a last `/` are allowed and change nothing about the place.
    /// - Throws: `name` for what could lead out of the bucket, and for keys that a folder cannot hold: `.` and `..`, an
    ///   empty part, NUL, and parts that no file system takes.
    init(bucket: String, key: String = "") throws(PathError) {
        try Self.check(bucket, "the bucket")
        for part in Self.parts(of: key) { try Self.check(part, "the key") }
        self.init(bucket, key)
    }

    /// A place named by a URI.
    ///
    /// - Parameter uri: `s3://BUCKET`, `s3://BUCKET/KEY`, or the URL of such a place on Amazon S3.
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

    /// The parts of the key; each is a plain file name.
    var parts: [String] { Self.parts(of: key).map(String.init) }

    /// By bytes, as the system does it: to a String, a / with a combining mark after it is another character.
    private static func parts(of key: String) -> [Substring] {
        var parts = key.utf8.split(separator: slash, omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        if parts.first?.isEmpty == true { parts.removeFirst() }
        return parts.map(Substring.init)
    }

    /// The place as a URI, in the form it was given.
    var uri: String { key.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(key)" }

    /// Whether the key can only be that of a folder.
    var isFolder: Bool { key.isEmpty || key.utf8.last == Self.slash }

    /// The place that this one is in; the bucket is in itself.
    var parent: ObjectLocation { ObjectLocation(bucket, parts.dropLast().joined(separator: "/")) }

    /// The place of a directory below this one.
    func directory(_ name: String) throws(PathError) -> ObjectLocation {
        try Self.check(name, "the key")
        let above = isFolder ? key : key + "/"
        return ObjectLocation(bucket, "\(above)\(name)/")
    }

    /// Prefix of the daemon's own names for output that is being copied to its place.
    static let reserved = ".jobline-"

    static func isReserved(_ part: some StringProtocol) -> Bool { part.utf8.starts(with: reserved.utf8) }

    /// Refuses what is not a plain file name.
    static func check(_ part: some StringProtocol, _ what: String) throws(PathError) {
        guard !part.isEmpty else { throw PathError(.name, "\(what) has an empty name, which no folder can hold") }
        guard part != ".", part != ".." else {
            throw PathError(.name, "\(what) has the part \(part), which is refused")
        }
        guard !part.utf8.contains(slash) else { throw PathError(.name, "\(what) has a part that holds a /") }
        guard !part.utf8.contains(0) else { throw PathError(.name, "\(what) holds a NUL character") }
        guard !isReserved(part) else {
            throw PathError(.name, "\(what) has a part that begins with \(reserved), which the daemon's own have")
        }
        guard part.utf8.count <= maximumPartBytes else {
            throw PathError(.name, "\(what) has a part of over \(maximumPartBytes) bytes")
        }
    }
}
