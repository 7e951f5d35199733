internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// The three manifests of a Comprehend Medical job.
struct Manifests: Sendable {
    /// What a job reads, in numbers.
    struct Input: Sendable, Hashable {
        var files = 0
        /// Files that are left out for what they are, whatever an executor thinks of them.
        var refused = 0
        var bytes: Int64 = 0
        /// The first file that the daemon may not read.
        var unreadable: String?

        /// Counts the bytes of a file; two files with holes can have more together than fits.
        mutating func add(_ size: Int64) {
            let (sum, overflow) = bytes.addingReportingOverflow(size)
            bytes = overflow ? .max : sum
        }
    }

    let job: Job
    let paths: StatePaths

    /// Where the job's input is.
    var input: ObjectLocation {
        get throws {
            let request = try ComprehendMedical.StartJobRequest(json: ByteBuffer(string: job.request))
            return try ObjectLocation(
                bucket: request.inputDataConfig.s3Bucket, key: request.inputDataConfig.s3Key ?? "")
        }
    }

    /// Counts what the job reads.
    ///
    /// - Parameter path: Where its input is.
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

    /// Puts the manifests beside what the executor wrote.
    ///
    /// - Returns: The key of the manifest once it is published.
    func add(
        status: String, report: ExecutorReport, input: Input, now: Timestamp, to work: WorkDirectory
    ) throws -> String {
        let output = try work.openOutput()
        let lists = try work.openLists()
        for name in [FileLists.successName, FileLists.unprocessedName] {
            // Moved already where this is done once more.
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

    /// Makes an output of nothing but manifests, in which every file of the input is unprocessed.
    ///
    /// - Parameter reason: Why none was processed.
    /// - Returns: The key of the manifest once it is published.
    func addAlone(status: String, reason: String, now: Timestamp, to work: WorkDirectory) throws -> String {
        try work.prepare()
        let lists = try FileLists(in: work.openLists())
        var report = ExecutorReport()
        var input = Input()
        var failure: (any Error)?
        // An input that is not there has no files.
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
