internal import JoblineBackend
internal import LibC
internal import SystemPackage

/// Directory of a job's output before publication: `work/FAMILY-ID`, on the file system of the buckets.
struct WorkDirectory: Sendable {
    private static let outputName = "output"
    /// Name of the output directory once a copy is complete.
    private static let copiedName = "copied"
    private static let listsName = "lists"
    /// Directories of processed and failed records of Entity Resolution jobs.
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

    /// Whether an entry of `work` is the directory of a job.
    static func isJobs(_ name: String) -> Bool {
        JobFamily.allCases.contains { name.hasPrefix("\($0.rawValue)-") }
    }

    /// Name of the copy in the target directory during publication.
    var copyName: String { ObjectLocation.reserved + name }

    /// Output directory of the executor.
    var output: FilePath { root.appending(name).appending(Self.outputName) }

    /// Removes and recreates the directory, with empty directories for output and lists.
    func prepare() throws(Errno) {
        try remove()
        let directory = try DirectoryHandle(root).directory(name, creating: true)
        _ = try directory.directory(Self.outputName, creating: true)
        _ = try directory.directory(Self.listsName, creating: true)
        try completeOutput()
    }

    /// Creates the directories that every output has, in case an executor removed them.
    func completeOutput() throws(Errno) {
        for name in outputDirectories { _ = try openOutput().directory(name, creating: true) }
    }

    /// Throws if the output contains anything but files and directories: a link could lead out of the bucket.
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

    /// Opens the directory of the job.
    func open() throws(Errno) -> DirectoryHandle { try DirectoryHandle(root).directory(name) }

    /// Moves the output directory atomically to another directory.
    func moveOutput(to target: borrowing DirectoryHandle, as newName: String) throws(Errno) {
        try open().move(Self.outputName, to: target, as: newName)
    }

    /// Records that the copy of the output is complete: ``hasOutput`` is false from then on.
    func markOutputCopied() throws(Errno) {
        let directory = try open()
        try directory.move(Self.outputName, to: directory, as: Self.copiedName)
    }

    /// Whether the output directory exists.
    var hasOutput: Bool { access(output.string, F_OK) == 0 }
}
