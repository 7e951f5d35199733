internal import LibC
internal import JoblineBackend
internal import JoblineProtocol
internal import SystemPackage

/// Report of an executor about its job.
struct ExecutorReport: Sendable, Hashable {
    var processed = 0
    /// Number of files that the executor did not process or whose content was invalid.
    var unprocessed = 0
    /// Number of files excluded by ``FileLimits`` before the executor started.
    var refused = 0
    var characters = 0
    /// Metrics of the whole job, as JSON.
    var metrics: String?
    /// Last message for the caller.
    var message: String?
    /// Version of the model; callers see it for jobs of Comprehend Medical.
    var modelVersion: String?
    /// Reason of the first unprocessed file.
    var firstReason: String?
    /// Description of a contract violation.
    var violation: String?
    /// Description of why unreported files could not be determined.
    var unknownFiles: String?

    init() {}
}

/// Parses the lines of an executor and builds its report: counts in memory, file names on disk.
final class ReportWriter {
    /// Maximum length of a line in bytes, from the executor contract.
    static let maximumLineBytes = 64 << 10

    private(set) var report = ExecutorReport()
    private var lines = LineSplitter(limit: maximumLineBytes)
    /// Number of the last parsed line, for messages.
    private var lineNumber = 0
    private let family: JobFamily
    private let input: FilePath?
    private let output: FilePath
    /// Number of input files; bounds the lists on disk.
    private let maximumFiles: Int?
    private let lists: FileLists?
    private let limits: FileLimits?
    private let progress: (Double) -> Void
    /// Whether the executor has reported its progress.
    private var reportsProgress = false
    /// Hashes of the names of reported files; the names would need much more memory.
    private var reported: Set<Int> = []
    /// Number of reported files that the input does not contain.
    private var unknownInputs = 0

    /// - Parameters:
    ///   - family: Family of the job, which determines the allowed metrics.
    ///   - input: Base of the names of input files.
    ///   - output: Output directory of the executor.
    ///   - files: Lists of file names and the number of input files; nil if files are only counted.
    ///   - limits: Requirements of input files; nil: none.
    ///   - progress: Called with the progress, from 0 to 1.
    init(
        of family: JobFamily, input: FilePath?, output: FilePath, files: (lists: FileLists, maximum: Int)?,
        limits: FileLimits? = nil, progress: @escaping (Double) -> Void = { _ in }
    ) {
        self.family = family
        self.input = input
        self.output = output
        lists = files?.lists
        maximumFiles = files?.maximum
        self.limits = limits
        self.progress = progress
    }

    /// Lists the files excluded by the limits. Must be called before the first line is parsed.
    func refuseFiles() throws {
        guard let input, let limits else { return }
        var failure: (any Error)?
        try DirectoryHandle.walk(input) { name, entry in
            guard failure == nil, let reason = limits.refusal(of: entry) else { return }
            do { try lists?.unprocessed(input: name, reason: reason) } catch { failure = error }
            report.refused += 1
        }
        if let failure { throw failure }
    }

    /// Parses the next bytes of standard output.
    ///
    /// - Returns: False once the executor has violated its contract.
    func append(_ bytes: some Collection<UInt8>) -> Bool {
        guard report.violation == nil else { return false }
        attempt { try lines.append(bytes) { try take($0) } }
        return report.violation == nil
    }

    /// Completes the report at the end of standard output.
    func finish() -> ExecutorReport {
        if report.violation == nil { attempt { try lines.finish { try take($0) } } }
        if report.violation == nil { attempt { try addUnreported() } }
        if let lists { attempt { try lists.finish() } }
        return report
    }

    /// Lists the files that no line has reported.
    private func addUnreported() throws {
        guard let input, let limits else { return }
        // Walking the input again is slow, and only needed if a file was not reported.
        if let maximumFiles, report.processed + report.unprocessed - unknownInputs + report.refused >= maximumFiles {
            return
        }
        var failure: (any Error)?
        do {
            try DirectoryHandle.walk(input) { name, entry in
                guard failure == nil, limits.refusal(of: entry) == nil, !reported.contains(Self.hash(name)) else {
                    return
                }
                do { try unprocessed(name, "not reported by the executor") } catch { failure = error }
            }
        } catch {
            report.unknownFiles = "the input cannot be read any more: \(error)"
        }
        if let failure { throw failure }
    }

    private func attempt(_ body: () throws -> Void) {
        do {
            try body()
        } catch is LineSplitter.TooLong {
            violate("line \(lineNumber + 1) of its standard output is over 64 KiB")
        } catch let error as JSONError {
            let place = error.pathDescription
            let offset = error.code == .syntax ? ", at byte \(error.offset)" : ""
            violateContract("\(place)\(place.isEmpty ? "" : " ")\(error.message)\(offset)")
        } catch let error as PathError {
            violateContract(error.message)
        } catch {
            violate("its list of files cannot be written: \(error)")
        }
    }

    private func violateContract(_ reason: String) {
        violate("line \(lineNumber) of its standard output violates the executor contract: \(reason)")
    }

    private func violate(_ reason: String) {
        // A file name in a line can have any length.
        if report.violation == nil { report.violation = LastLine.shown("the executor failed: \(reason)") }
    }

    private func take(_ line: [UInt8]) throws {
        lineNumber += 1
        guard line.contains(where: { $0 > 0x20 }) else { return }
        switch try ExecutorLine(line) {
        case .processed(let input, let output, let characters):
            try count(input)
            try Self.check(output)
            guard let file = Self.file(self.output, output) else {
                throw PathError(.missing, "the output file \(output) is not there")
            }
            guard file.entry.kind == .file else { throw PathError(.unusable, "the output \(output) is not a file") }
            try processed(input, output, characters)
            updateProgress()
        case .unprocessed(let input, let reason):
            try count(input)
            let file = inputFile(input)
            if !isRefused(file) {
                try markReported(input, file)
                try unprocessed(input, reason)
            }
            updateProgress()
        case .progress(let progress):
            reportsProgress = true
            self.progress(progress)
        case .metrics(let metrics):
            try family.checkMetrics(metrics)
            report.metrics = metrics
        case .message(let message): report.message = LastLine.shown(message) ?? report.message
        case .modelVersion(let version): report.modelVersion = version
        }
    }

    private func processed(_ input: String, _ output: String, _ characters: Int) throws {
        let file = inputFile(input)
        if let limits {
            guard let file else { throw PathError(.missing, "the input file \(input) is not there") }
            if isRefused(file) { return try removeOutput(output) }
            try markReported(input, file)
            guard try limits.isText(file.path, bytes: file.entry.size) else {
                try removeOutput(output)
                return try unprocessed(input, "not UTF-8")
            }
        }
        report.processed += 1
        report.characters += characters
        try lists?.succeeded(input: input, output: output, size: file?.entry.size ?? 0)
    }

    /// Derives the progress from the number of files unless the executor reports it.
    private func updateProgress() {
        guard !reportsProgress, let maximumFiles, maximumFiles > 0 else { return }
        progress(
            Double(min(report.processed + report.unprocessed + report.refused, maximumFiles)) / Double(maximumFiles))
    }

    private func removeOutput(_ name: String) throws(Errno) {
        let parts = name.split(separator: "/").map(String.init)
        guard let last = parts.last else { return }
        try DirectoryHandle.descend(from: output, to: parts.dropLast()).removeTree(last)
    }

    private func unprocessed(_ input: String, _ reason: String) throws {
        report.unprocessed += 1
        if report.firstReason == nil { report.firstReason = LastLine.shown(reason) }
        try lists?.unprocessed(input: input, reason: reason)
    }

    private func inputFile(_ name: String) -> File? { input.flatMap { Self.file($0, name) } }

    /// Whether a file is excluded by the limits, and therefore already listed.
    private func isRefused(_ file: File?) -> Bool {
        guard let limits, let file else { return false }
        return limits.refusal(of: file.entry) != nil
    }

    /// Records that a file was reported; throws if it was reported before.
    private func markReported(_ name: String, _ file: File?) throws(PathError) {
        guard limits != nil else { return }
        if file == nil { unknownInputs += 1 }
        // If the input is a single file, the executor may report it under any name.
        let name = file?.path == input ? input?.lastComponent?.string ?? name : name
        // Different names that are not UTF-8 can become equal when they are repaired.
        guard reported.insert(Self.hash(name)).inserted || name.contains("\u{FFFD}") else {
            throw PathError(.name, "the input file \(name) is reported twice")
        }
    }

    /// Hashes the bytes of a name, because canonically equivalent strings can name two files.
    private static func hash(_ name: String) -> Int {
        var hasher = Hasher()
        var name = name
        name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        return hasher.finalize()
    }

    private func count(_ input: String) throws(PathError) {
        try Self.check(input)
        if let maximumFiles, report.processed + report.unprocessed >= maximumFiles {
            throw PathError(.name, "it names more files than the input has")
        }
    }

    private static func check(_ name: String) throws(PathError) {
        for part in name.split(separator: "/", omittingEmptySubsequences: false) {
            try ObjectLocation.check(String(part), "the file name \(name)")
        }
    }

    private typealias File = (path: FilePath, entry: DirectoryHandle.Entry)

    /// Returns the file `name` below `root`, or `root` itself if it is a file, without following symbolic links; nil if there
    /// is none.
    private static func file(_ root: FilePath, _ name: String) -> File? {
        let parts = name.split(separator: "/").map(String.init)
        guard let last = parts.last else { return nil }
        do throws(Errno) {
            let directory = try DirectoryHandle.descend(from: root, to: parts.dropLast())
            let entry = try directory.inputEntry(Array(last.utf8CString))
            return entry.map { (root.appending(FilePath(name).components), $0) }
        } catch {
            guard error == .notDirectory, let name = root.lastComponent?.string,
                let parent = try? DirectoryHandle(root.removingLastComponent()),
                let entry = try? parent.inputEntry(Array(name.utf8CString)), entry.kind == .file
            else { return nil }
            return (root, entry)
        }
    }
}
