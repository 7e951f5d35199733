internal import JoblineProtocol
internal import LibC
internal import Synchronization
internal import SystemPackage

/// Paths of the buckets, tables and schemas that requests name, in the state directory.
struct StatePaths: Sendable {
    private let directory: StateDirectory
    private let suppliesInput: Bool

    /// - Parameter suppliesInput: Whether missing input is created.
    init(_ directory: StateDirectory, suppliesInput: Bool = false) {
        self.directory = directory
        self.suppliesInput = suppliesInput
    }

    /// Returns the file or directory that a job reads.
    ///
    /// - Throws: `missing` if there is none, `outside` if a symbolic link leads out of the bucket.
    func input(_ location: ObjectLocation) throws(PathError) -> FilePath {
        if suppliesInput {
            try createMissingInput(
                below: directory.buckets, [location.bucket] + location.parts, isFolder: location.isFolder)
        }
        let bucket =
            try OperatorLink.target(of: location.bucket, in: directory.buckets)
            ?? directory.buckets.appending(location.bucket)
        return try Self.resolve(bucket.appending(location.parts), below: bucket, called: location.uri)
    }

    /// Returns the file or directory that a job reads; nil if there is none.
    func existingInput(_ location: ObjectLocation) throws(PathError) -> FilePath? {
        try Self.nilIfMissing { () throws(PathError) in try input(location) }
    }

    /// Returns the directory with the files of a Glue table.
    ///
    /// - Parameter arn: `arn:PARTITION:glue:REGION:ACCOUNT:table/DATABASE/TABLE`.
    func table(_ arn: String) throws(PathError) -> FilePath {
        let (database, table) = try Self.names(ofTable: arn)
        if suppliesInput { try createMissingInput(below: directory.tables, [database, table], isFolder: true) }
        let linked = try OperatorLink.target(of: database, in: directory.tables)
        return try Self.resolve(
            (linked ?? directory.tables.appending(database)).appending(table), below: linked ?? directory.tables,
            called: arn)
    }

    /// Creates missing input: a file, or a folder with two files, so that a test can leave one unprocessed.
    private func createMissingInput(below root: FilePath, _ parts: [String], isFolder: Bool) throws(PathError) {
        do {
            // The lock keeps another job with the same input from seeing it incomplete.
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
            throw PathError(.unusable, "no input can be created: \(error)")
        }
    }

    private static let supplying = Mutex(())

    /// Returns the database and the table in the ARN of a Glue table.
    static func names(ofTable arn: String) throws(PathError) -> (database: String, table: String) {
        let fields = arn.split(separator: ":", omittingEmptySubsequences: false)
        let names = fields.last?.split(separator: "/", omittingEmptySubsequences: false).map(String.init) ?? []
        guard fields.count == 6, fields[2] == "glue", names.count == 3, names[0] == "table" else {
            throw PathError(.name, "has to be the ARN of a Glue table")
        }
        try ObjectLocation.check(names[1], "the database")
        try ObjectLocation.check(names[2], "the table")
        return (names[1], names[2])
    }

    /// Reads a schema that a workflow names.
    ///
    /// - Returns: The schema; nil if it does not exist and missing input is created.
    /// - Throws: `missing` if there is no such file, `unusable` if it is not a schema or over 1 MiB.
    func schema(_ name: String) throws(PathError) -> JSONDocument? {
        try ObjectLocation.check(name, "the schema")
        let file = directory.schemas.appending(name + ".json")
        let found = try Self.nilIfMissing { () throws(PathError) in
            try Self.resolve(file, below: directory.schemas, called: "the schema \(name)")
        }
        guard let found else {
            if suppliesInput { return nil }
            throw PathError(.missing, "the schema \(name) does not exist: its file is \(file)")
        }
        let content: [UInt8]?
        do {
            content = try found.content(upTo: Self.maximumSchemaBytes)
        } catch {
            let cause = error as? Errno
            let reason = cause.map { AccessDenial.description(of: $0, at: found, .read) } ?? "\(error)"
            throw PathError(.unusable, "the schema \(name) cannot be read: \(reason)", cause: cause)
        }
        guard let content else { throw PathError(.unusable, "the schema \(name) is over 1 MiB") }
        return try InputSchema.read(content, called: name)
    }

    private static let maximumSchemaBytes = 1 << 20

    /// Returns nil instead of throwing `missing`.
    private static func nilIfMissing(_ find: () throws(PathError) -> FilePath) throws(PathError) -> FilePath? {
        do {
            return try find()
        } catch {
            guard error.code == .missing else { throw error }
            return nil
        }
    }

    /// Resolves symbolic links.
    ///
    /// - Throws: `outside` if the result is not below `root`.
    private static func resolve(
        _ path: FilePath, below root: FilePath, called name: String
    ) throws(PathError) -> FilePath {
        guard let resolved = realpath(path.string, nil) else {
            if errno == ENOENT || errno == ENOTDIR { throw PathError(.missing, "\(name) does not exist") }
            let error = Errno(rawValue: errno)
            let reason = AccessDenial.description(of: error, at: path, .read)
            throw PathError(.unusable, "\(name) cannot be read: \(reason)", cause: error)
        }
        defer { free(resolved) }
        let real = FilePath(String(cString: resolved))
        guard real.starts(with: root) else {
            throw PathError(.outside, "\(name) leads out of its folder by a symbolic link")
        }
        var status = stat()
        // Opening a named pipe would block until it has a writer.
        guard lstat(resolved, &status) == 0, [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
            throw PathError(.unusable, "\(name) is neither a file nor a folder")
        }
        return real
    }

    /// Opens the directory of a job's output, creating it and its parents if they are missing.
    ///
    /// Symbolic links are refused, except an operator's link for the bucket.
    func output(_ location: ObjectLocation) throws(PathError) -> DirectoryHandle {
        let (root, parts) = try outputRoot(location)
        var path = root
        do throws(Errno) {
            var place = try DirectoryHandle(root)
            for part in parts {
                path.append(part)
                let isNew = try place.entry(Array(part.utf8CString)) == nil
                let group = place.sharingGroup
                place = try place.directory(part, creating: true)
                if isNew { place.share(with: group) }
            }
            return place
        } catch {
            throw Self.unwritable(location, error, at: path)
        }
    }

    /// Throws if output cannot be written to a location, as far as this is known in advance. Creates nothing.
    func checkOutput(_ location: ObjectLocation) throws(PathError) {
        let (root, parts) = try outputRoot(location)
        var path = root
        do throws(Errno) {
            var place = try DirectoryHandle(root)
            for part in parts {
                guard try place.entry(Array(part.utf8CString)) != nil else { break }
                path.append(part)
                place = try place.directory(part)
            }
            // Checks the real user, which is also the effective one.
            guard faccessat(place.descriptor, ".", W_OK | X_OK, 0) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw Self.unwritable(location, error, at: path)
        }
    }

    /// Returns the directory from which to descend to the output, and the names below it.
    private func outputRoot(_ location: ObjectLocation) throws(PathError) -> (root: FilePath, parts: [String]) {
        if let linked = try OperatorLink.target(of: location.bucket, in: directory.buckets) {
            return (linked, location.parts)
        }
        return (directory.buckets, [location.bucket] + location.parts)
    }

    private static func unwritable(_ location: ObjectLocation, _ error: Errno, at path: FilePath) -> PathError {
        var status = stat()
        let isLink = lstat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
        let reason =
            isLink
            ? "\(path) is a symbolic link, and only a bucket may be one"
            : AccessDenial.description(of: error, at: path, .write)
        return PathError(.unusable, "\(location.uri) cannot be written: \(reason)", cause: error)
    }
}

extension FilePath {
    fileprivate func appending(_ parts: [String]) -> FilePath {
        parts.reduce(self) { $0.appending($1) }
    }
}
