internal import SystemPackage

// Access to objects for tests, which write the input and read the output of jobs.
extension EmbeddedBackend {
    /// Writes an object, replacing an existing one.
    ///
    /// - Parameter uri: `s3://BUCKET/KEY`.
    /// - Throws: An error whose description gives the reason.
    package func put(_ content: [UInt8], at uri: String) throws {
        let location = try ObjectLocation(uri: uri)
        guard let name = location.parts.last, !location.isFolder else {
            throw PathError(.name, "has to name an object: s3://BUCKET/KEY")
        }
        let folder = try StatePaths(directory).output(
            ObjectLocation(bucket: location.bucket, key: location.parts.dropLast().joined(separator: "/")))
        try folder.removeTree(name)
        let file = try folder.createFile(name)
        _ = try file.closeAfter { try file.writeAll(content) }
    }

    /// Returns the content of an object; nil if there is none.
    package func object(at uri: String) throws -> [UInt8]? {
        try StatePaths(directory).existingInput(try ObjectLocation(uri: uri))?.content()
    }

    /// Returns the URIs of all objects below a location, sorted.
    package func objects(below uri: String) throws -> [String] {
        let location = try ObjectLocation(uri: uri)
        guard let path = try StatePaths(directory).existingInput(location) else { return [] }
        let base = "s3://" + ([location.bucket] + location.parts).joined(separator: "/")
        var uris: [String] = []
        try DirectoryHandle.walk(path) { name, entry in
            if entry.kind == .file { uris.append("\(base)/\(name)") }
        }
        return uris.sorted()
    }
}
