internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// Manifests of a Comprehend Medical job.
struct Manifests: Sendable {
    /// Size of a job's input.
    struct Input: Sendable, Hashable {
        var files = 0
        /// Number of files excluded by ``FileLimits``.
        var refused = 0
        var bytes: Int64 = 0
        /// First file that the daemon may not read.
        var unreadable: String?

        /// Adds the size of a file. Sparse files can overflow the sum, which then stays at the maximum.
        mutating func add(_ size: Int64) {
            let (sum, overflow) = bytes.addingReportingOverflow(size)
            bytes = overflow ? .max : sum
        }
    }

    let job: Job
    let paths: StatePaths

    /// Location of the job's input.
    var input: ObjectLocation {
        get throws {
            let request = try ComprehendMedical.StartJobRequest(json: ByteBuffer(string: job.request))
            return try ObjectLocation(
                bucket: request.inputDataConfig.s3Bucket, key: request.inputDataConfig.s3Key ?? "")
        }
    }

    /// Counts the files and bytes of the job's input.
    ///
    /// - Parameter path: Path of the input.
    func measure(_ path: FilePath, _ limits: FileLimits) throws(TreeError) -> Input {
        var input = Input()
        try DirectoryHandle.walk(path) { name, entry in
            input.files += 1
            if !entry.isReadable, input.unreadable == nil { input.unreadable = name }
            if limits.refusal(of: entry) != nil { input.refused += 1 }
            if entry.kind == .file { input.add(entry.size) }
        }
        return input
    }

    /// Adds the manifests to the executor's output.
    ///
    /// - Returns: Key of the published manifest.
    func add(
        status: String, report: ExecutorReport, input: Input, now: Timestamp, to work: WorkDirectory
    ) throws -> String {
        let output = try work.openOutput()
        let lists = try work.openLists()
        for name in [FileLists.successName, FileLists.unprocessedName] {
            // Already moved if this is repeated after an interruption.
            guard try lists.entry(Array(name.utf8CString)) != nil else { continue }
            try output.removeTree(name)
            try lists.move(name, to: output, as: name)
        }
        try output.removeTree(ManifestSummary.name)
        var summary = try self.summary(status: status, now: now)
        summary.inputFiles = input.files
        summary.characters = report.characters
        summary.successFiles = report.processed
        summary.unprocessedFiles = report.unprocessed + report.refused
        try summary.write(into: output)
        return summary.output.key + ManifestSummary.name
    }

    /// Creates an output that contains only manifests, in which every input file is unprocessed.
    ///
    /// - Parameter reason: Reason for each file.
    /// - Returns: Key of the published manifest.
    func addAlone(status: String, reason: String, now: Timestamp, to work: WorkDirectory) throws -> String {
        try work.prepare()
        let lists = try FileLists(in: work.openLists())
        var report = ExecutorReport()
        var input = Input()
        var failure: (any Error)?
        // A missing input has no files.
        try? walk { name, entry in
            guard failure == nil else { return }
            do { try lists.unprocessed(input: name, reason: reason) } catch { failure = error }
            report.unprocessed += 1
            input.files += 1
            input.add(entry.size)
        }
        if let failure { throw failure }
        try lists.finish()
        return try add(status: status, report: report, input: input, now: now, to: work)
    }

    private func summary(status: String, now: Timestamp) throws -> ManifestSummary {
        let milliseconds = job.started.map { now.milliseconds - $0.milliseconds } ?? 0
        return ManifestSummary(
            status: status, jobType: job.key.family.outputType, input: try input,
            output: try ObjectLocation(uri: job.output), seconds: max(0, milliseconds) / 1000)
    }

    private func walk(_ body: (_ name: String, DirectoryHandle.Entry) -> Void) throws {
        try DirectoryHandle.walk(paths.input(input), body)
    }
}
