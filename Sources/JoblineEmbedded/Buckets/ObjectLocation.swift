/// A place in a bucket: `s3://BUCKET/KEY`.
struct ObjectLocation: Sendable, Hashable {
    /// Bytes of a file's name: NAME_MAX of every file system in use.
    private static let maximumPartBytes = 255

    let bucket: String
    /// The key as it was given; empty for the bucket itself.
    let key: String
    /// The parts of the key; each is a plain file name.
    let parts: [String]

    /// A place named by bucket and key.
    ///
    /// - Parameters:
    ///   - bucket: Name of a bucket.
    ///   - key: Names separated by single `/`; a last `/` is allowed and means nothing.
    /// - Throws: `name` for everything that could lead out of the bucket or to two names of one file: `.` and `..`, an
    ///   empty part, a first `/`, NUL, and parts that no file system takes.
    init(bucket: String, key: String = "") throws(PlaceError) {
        guard !bucket.contains("/") else { throw PlaceError(.name, "a bucket's name holds no /") }
        try Self.check(bucket, "the bucket")
        var parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.last == "" { parts.removeLast() }
        for part in parts { try Self.check(part, "the key") }
        self.bucket = bucket
        self.key = key
        self.parts = parts
    }

    /// A place named by a URI.
    ///
    /// - Parameter uri: `s3://BUCKET` or `s3://BUCKET/KEY`.
    init(uri: String) throws(PlaceError) {
        let scheme = "s3://"
        guard uri.hasPrefix(scheme) else { throw PlaceError(.name, "has to begin with s3://") }
        let rest = uri.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        try self.init(bucket: String(rest[..<slash]), key: String(rest[slash...].dropFirst()))
    }

    /// The place as a URI, in the form it was given.
    var uri: String { key.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(key)" }

    /// The place of a directory below this one.
    func directory(_ name: String) throws(PlaceError) -> ObjectLocation {
        try ObjectLocation(bucket: bucket, key: (parts + [name, ""]).joined(separator: "/"))
    }

    static func check(_ part: String, _ what: String) throws(PlaceError) {
        guard !part.isEmpty else { throw PlaceError(.name, "\(what) has an empty part: // and a first / are refused") }
        guard part != ".", part != ".." else {
            throw PlaceError(.name, "\(what) has the part \(part), which is refused")
        }
        guard !part.utf8.contains(0) else { throw PlaceError(.name, "\(what) holds a NUL character") }
        guard part.utf8.count <= maximumPartBytes else {
            throw PlaceError(.name, "\(what) has a part of over \(maximumPartBytes) bytes")
        }
    }
}
