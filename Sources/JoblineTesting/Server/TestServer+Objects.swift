internal import JoblineEmbedded

// What jobs read and write. A job whose input nobody put finds something made up, unless the configuration says otherwise.
extension TestServer {
    /// Writes an object that jobs can read, replacing one that is there.
    ///
    /// - Parameters:
    ///   - text: Its content.
    ///   - uri: Where: `s3://BUCKET/KEY`.
    public func put(_ text: String, at uri: String) throws(TestServerError) {
        let backend = try stage.backend
        do {
            try backend.put(Array(text.utf8), at: uri)
        } catch {
            throw TestServerError(.object, "\(uri) cannot be written", cause: error)
        }
    }

    /// The content of an object, such as a job's output.
    ///
    /// - Parameter uri: Where: `s3://BUCKET/KEY`.
    /// - Returns: nil if there is none.
    public func object(at uri: String) throws(TestServerError) -> String? {
        let backend = try stage.backend
        do {
            return try backend.object(at: uri).map { String(decoding: $0, as: UTF8.self) }
        } catch {
            throw TestServerError(.object, "\(uri) cannot be read", cause: error)
        }
    }

    /// The URIs of all objects below a place, sorted.
    ///
    /// - Parameter uri: A bucket or a folder in it, such as `s3://results/june/`.
    public func objects(below uri: String) throws(TestServerError) -> [String] {
        let backend = try stage.backend
        do {
            return try backend.objects(below: uri)
        } catch {
            throw TestServerError(.object, "\(uri) cannot be listed", cause: error)
        }
    }
}
