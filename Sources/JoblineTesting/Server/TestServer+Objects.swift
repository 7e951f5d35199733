internal import JoblineEmbedded

// Missing input is generated unless `Configuration.suppliesInput` is false.
extension TestServer {
    /// Writes an object as input for jobs, and replaces an existing one.
    ///
    /// - Parameters:
    ///   - text: Content of the object.
    ///   - uri: URI of the object, `s3://BUCKET/KEY`.
    public func put(_ text: String, at uri: String) throws(TestServerError) {
        let backend = try stage.backend
        do {
            try backend.put(Array(text.utf8), at: uri)
        } catch {
            throw TestServerError(.object, "\(uri) cannot be written", cause: error)
        }
    }

    /// Returns the content of an object, such as a job's output.
    ///
    /// - Parameter uri: URI of the object, `s3://BUCKET/KEY`.
    /// - Returns: Content decoded as UTF-8; nil if there is no such object.
    public func object(at uri: String) throws(TestServerError) -> String? {
        let backend = try stage.backend
        do {
            return try backend.object(at: uri).map { String(decoding: $0, as: UTF8.self) }
        } catch {
            throw TestServerError(.object, "\(uri) cannot be read", cause: error)
        }
    }

    /// Returns the sorted URIs of all objects below a prefix.
    ///
    /// - Parameter uri: Bucket or folder, such as `s3://results/june/`.
    public func objects(below uri: String) throws(TestServerError) -> [String] {
        let backend = try stage.backend
        do {
            return try backend.objects(below: uri)
        } catch {
            throw TestServerError(.object, "\(uri) cannot be listed", cause: error)
        }
    }
}
