internal import LibC
internal import SystemPackage

/// Where a job's output is gathered before it is published: `work/FAMILY-ID/output`, on the file system of the buckets.
struct WorkDirectory: Sendable {
    private static let outputName = "output"
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
        try openOutput().walk { _, entry in isPlain = isPlain && entry.kind == .file }
        guard isPlain else {
            throw PlaceError(.unusable, "it holds a link, a pipe or a socket; only files and folders are published")
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

    /// Whether there is still an output directory.
    var hasOutput: Bool { access(output.string, F_OK) == 0 }
}
