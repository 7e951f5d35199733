internal import ArgumentParser

/// Location written as `s3://BUCKET/KEY`.
struct S3Location: Hashable {
    let bucket: String
    /// Key; nil if only the bucket is given.
    let key: String?

    init(_ text: String, for argument: StartArgument) throws {
        let scheme = "s3://"
        let rest = text.dropFirst(scheme.count)
        let bucket = rest.prefix { $0 != "/" }
        guard text.hasPrefix(scheme), !bucket.isEmpty else {
            throw ValidationError("\(argument.rawValue): '\(text)' is not s3://BUCKET/KEY")
        }
        let key = rest.dropFirst(bucket.count + 1)
        self.bucket = String(bucket)
        self.key = key.isEmpty ? nil : String(key)
    }

    /// Returns the URL for the members of a message.
    static func text(bucket: String?, key: String?) -> String? { bucket.map { "s3://\($0)/\(key ?? "")" } }
}
