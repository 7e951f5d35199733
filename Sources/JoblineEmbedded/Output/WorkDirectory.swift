internal import JoblineBackend
internal import LibC
internal import SystemPackage

/// Where a job's output is gathered before it is published: `work/FAMILY-ID/output`, on the file system of the buckets.
struct WorkDirectory: Sendable {
    private static let outputName = "output"
    /// The output once a copy of it is complete.
    private static let copiedName = "copied"
    private static let listsName = "lists"
    /// Where a job of Entity Resolution writes what it could do, and what it could not.
    static let successName = "success"
    private static let errorName = "error"

    private let root: FilePath
    private let name: String
    private let outputDirectories: [String]

    init(_ state: StateDirectory, _ job: Job) {
        root = state.work
        outputDirectories = job.key.family.service == .entityResolution ? [Self.successName, Self.errorName] : []
        name = "\(job.key.family.rawValue)-\(job.shortID)"
    }

    /// Whether a name below the root is that of a job's directory.
    static func isJobs(_ name: String) -> Bool {
        JobFamily.allCases.contains { name.hasPrefix("\($0.rawValue)-") }
    }

    /// The name of what is copied for publication, beside its place.
    var copyName: String { ObjectLocation.reserved + name }

    /// What the executor is given to write into.
    var output: FilePath { root.appending(name).appending(Self.outputName) }

    /// Makes the directory anew, with an empty output directory and an empty one for lists.
    func prepare() throws(Errno) {
        try remove()
        let directory = try DirectoryHandle(root).directory(name, creating: true)
        _ = try directory.directory(Self.outputName, creating: true)
        _ = try directory.directory(Self.listsName, creating: true)
        try completeOutput()
    }

    /// Makes the directories that every output has, also where an executor has removed them.
    func completeOutput() throws(Errno) {
        for name in outputDirectories { _ = try openOutput().directory(name, creating: true) }
    }

    /// Refuses an output that holds anything but files and directories: a link would lead out of the bucket.
    func checkOutput() throws {
        var isPlain = true
        do {
            try openOutput().walk { _, entry in isPlain = isPlain && entry.kind == .file }
        } catch let error as TreeError {
            throw error.cause
        }
        guard isPlain else {
            throw PathError(.unusable, "it holds a link, a pipe or a socket; only files and folders are published")
        }
    }

    /// Removes the directory with everything in it.
    func remove() throws(Errno) { try DirectoryHandle(root).removeTree(name) }

    func openOutput() throws(Errno) -> DirectoryHandle { try open().directory(Self.outputName) }

    func openLists() throws(Errno) -> DirectoryHandle { try open().directory(Self.listsName) }

    /// The directory that holds the output directory.
    func open() throws(Errno) -> DirectoryHandle { try DirectoryHandle(root).directory(name) }

    /// Moves the output directory, whole, to another place.
    func moveOutput(to target: borrowing DirectoryHandle, as newName: String) throws(Errno) {
        try open().move(Self.outputName, to: target, as: newName)
    }

    /// Puts down that a copy of the output is complete: ``hasOutput`` is false from then on.
    func markOutputCopied() throws(Errno) {
        let directory = try open()
        try directory.move(Self.outputName, to: directory, as: Self.copiedName)
    }

    /// Whether there is still an output directory.
    var hasOutput: Bool { access(output.string, F_OK) == 0 }
}
