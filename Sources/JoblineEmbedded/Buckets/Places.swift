internal import JoblineProtocol
internal import LibC
internal import Synchronization
internal import SystemPackage

/// Where what requests name lies below the state directory.
struct Places: Sendable {
    private let directory: StateDirectory
    private let suppliesInput: Bool

    /// - Parameter suppliesInput: Whether input that is missing is made up.
    init(_ directory: StateDirectory, suppliesInput: Bool = false) {
        self.directory = directory
        self.suppliesInput = suppliesInput
    }

    /// The file or directory that a job reads.
    ///
    /// - Throws: `missing` if there is none, `outside` if a symbolic link leads out of the bucket.
    func input(_ location: ObjectLocation) throws(PlaceError) -> FilePath {
        if suppliesInput {
            try supply(below: directory.buckets, [location.bucket] + location.parts, isFolder: location.isFolder)
        }
        let bucket = directory.buckets.appending(location.bucket)
        return try Self.resolve(bucket.appending(location.parts), below: bucket, called: location.uri)
    }

    /// The same, or nil if there is none.
    func existingInput(_ location: ObjectLocation) throws(PlaceError) -> FilePath? {
        try Self.orNil { () throws(PlaceError) in try input(location) }
    }

    /// The directory with the files of a Glue table.
    ///
    /// - Parameter arn: `arn:PARTITION:glue:REGION:ACCOUNT:table/DATABASE/TABLE`.
    func table(_ arn: String) throws(PlaceError) -> FilePath {
        let (database, table) = try Self.names(ofTable: arn)
        if suppliesInput { try supply(below: directory.tables, [database, table], isFolder: true) }
        return try Self.resolve(
            directory.tables.appending(database).appending(table), below: directory.tables, called: arn)
    }

    /// Makes up what is not there: a file, or a folder with two of them, so that one can be left out.
    private func supply(below root: FilePath, _ parts: [String], isFolder: Bool) throws(PlaceError) {
        do {
            // Whole, before another job with the same input looks.
            try Self.supplying.withLock { _ in
                guard access(root.appending(parts).string, F_OK) != 0 else { return }
                let folder = try DirectoryHandle.descend(
                    from: root, to: isFolder ? parts[...] : parts.dropLast(), creating: true)
                for name in isFolder ? ["input-1.txt", "input-2.txt"] : parts.suffix(1) {
                    let file = try folder.createFile(name)
                    _ = try file.closeAfter { try file.writeAll("made up for a test\n".utf8) }
                }
            }
        } catch {
            throw PlaceError(.unusable, "no input can be made up: \(error)")
        }
    }

    private static let supplying = Mutex(())

    /// Database and table that a Glue table's ARN names.
    static func names(ofTable arn: String) throws(PlaceError) -> (database: String, table: String) {
        let fields = arn.split(separator: ":", omittingEmptySubsequences: false)
        let names = fields.last?.split(separator: "/", omittingEmptySubsequences: false).map(String.init) ?? []
        guard fields.count == 6, fields[2] == "glue", names.count == 3, names[0] == "table" else {
            throw PlaceError(.name, "has to be the ARN of a Glue table")
        }
        try ObjectLocation.check(names[1], "the database")
        try ObjectLocation.check(names[2], "the table")
        return (names[1], names[2])
    }

    /// A schema that a workflow names; nil only where missing input is made up.
    ///
    /// - Throws: `missing` if there is no such file, `unusable` if it is no schema or over 1 MiB.
    func schema(_ name: String) throws(PlaceError) -> JSONDocument? {
        try ObjectLocation.check(name, "the schema")
        let file = directory.schemas.appending(name + ".json")
        let found = try Self.orNil { () throws(PlaceError) in
            try Self.resolve(file, below: directory.schemas, called: "the schema \(name)")
        }
        guard let found else {
            if suppliesInput { return nil }
            throw PlaceError(.missing, "the schema \(name) does not exist: its file is \(file)")
        }
        let content: [UInt8]?
        do {
            content = try found.content(upTo: Self.maximumSchemaBytes)
        } catch {
            throw PlaceError(.unusable, "the schema \(name) cannot be read: \(error)", cause: error as? Errno)
        }
        guard let content else { throw PlaceError(.unusable, "the schema \(name) is over 1 MiB") }
        return try InputSchema.read(content, called: name)
    }

    private static let maximumSchemaBytes = 1 << 20

    /// nil for a place that does not exist.
    private static func orNil(_ find: () throws(PlaceError) -> FilePath) throws(PlaceError) -> FilePath? {
        do {
            return try find()
        } catch {
            guard error.code == .missing else { throw error }
            return nil
        }
    }

    /// Follows symbolic links, and refuses what they lead to outside of `root`.
    private static func resolve(
        _ path: FilePath, below root: FilePath, called name: String
    ) throws(PlaceError) -> FilePath {
        guard let resolved = realpath(path.string, nil) else {
            if errno == ENOENT || errno == ENOTDIR { throw PlaceError(.missing, "\(name) does not exist") }
            let error = Errno(rawValue: errno)
            throw PlaceError(.unusable, "\(name) cannot be read: \(error)", cause: error)
        }
        defer { free(resolved) }
        let real = FilePath(String(cString: resolved))
        guard real.starts(with: root) else {
            throw PlaceError(.outside, "\(name) leads elsewhere by a symbolic link")
        }
        var status = stat()
        // Whoever opens a pipe waits for somebody to write into it.
        guard lstat(resolved, &status) == 0, [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
            throw PlaceError(.unusable, "\(name) is neither a file nor a folder")
        }
        return real
    }

    /// Opens the directory that output is put into, making it and those above it where they are missing.
    ///
    /// A symbolic link in the way is refused, wherever it leads.
    func output(_ location: ObjectLocation) throws(PlaceError) -> DirectoryHandle {
        do {
            return try DirectoryHandle.descend(
                from: directory.buckets, to: [location.bucket] + location.parts, creating: true)
        } catch {
            throw PlaceError(.unusable, "\(location.uri) cannot be written: \(error)", cause: error)
        }
    }
}

extension FilePath {
    fileprivate func appending(_ parts: [String]) -> FilePath {
        parts.reduce(self) { $0.appending($1) }
    }
}
