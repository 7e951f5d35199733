internal import JoblineBackend
internal import LibC
internal import Jobline
internal import JoblineEmbedded
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// Writer for the output directory of a job.
struct JobOutput {
    private let directory: FilePath

    init(_ directory: String) { self.directory = FilePath(directory) }

    /// Writes a file and replaces an existing one.
    func write(_ text: String, to name: String) throws(TestServerError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw TestServerError(
                .object, "\(name) is not a valid output file: use a relative path without . and ..")
        }
        var path = directory
        for part in parts.dropLast() {
            path.append(String(part))
            mkdir(path.string, 0o755)
        }
        do {
            let file = try FileDescriptor.open(
                directory.appending(FilePath(name).components), .writeOnly,
                options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite])
            _ = try file.closeAfter { try file.writeAll(text.utf8) }
        } catch {
            throw TestServerError(.object, "the output file \(name) cannot be written", cause: error)
        }
    }

    /// Reports the result of each input file of a Comprehend Medical job, and writes missing output files.
    ///
    /// - Parameter leavingOut: Reasons of unprocessed input files, by file name. An empty dictionary leaves out the last
    ///   file; nil processes all files.
    func complete(
        _ job: InProcessExecutor.Job, leavingOut: [String: String]? = nil, _ say: InProcessExecutor.ReportLine
    ) throws(TestServerError) {
        guard job.key.family.service == .comprehendMedical else { return }
        let inputs: [String]
        do {
            inputs = try job.inputFiles()
        } catch {
            throw TestServerError(.object, "the input of the job cannot be read", cause: error)
        }
        var leavingOut = leavingOut
        if leavingOut?.isEmpty == true, let last = inputs.max() { leavingOut = [last: "left out by the test"] }
        guard leavingOut?.count != inputs.count else {
            throw TestServerError(
                .jobState,
                "a partial success needs at least one processed input file: put more input, or fail the job")
        }
        for (name, _) in leavingOut ?? [:] where !inputs.contains(name) {
            throw TestServerError(
                .object, "the job has no input file \(name); it has \(inputs.sorted().joined(separator: ", "))")
        }
        for input in inputs {
            if let reason = leavingOut?[input] {
                _ = say(Line.unprocessed(input, reason))
            } else {
                let output = "\(input).out"
                if access(directory.appending(FilePath(output).components).string, F_OK) != 0 {
                    try write("{}\n", to: output)
                }
                _ = say(Line.processed(input, output))
            }
        }
    }
}

/// Encoder for report lines of the executor contract.
enum Line {
    static func processed(_ input: String, _ output: String) -> String {
        object("processed", ["input": input, "output": output])
    }

    static func unprocessed(_ input: String, _ reason: String) -> String {
        object("unprocessed", ["input": input, "reason": reason])
    }

    static func progress(_ fraction: Double) -> String { object("progress", fraction) }
    static func message(_ text: String) -> String { object("message", text) }
    static func metrics(_ metrics: some JSONEncodable) -> String { object("metrics", metrics) }

    private static func object<Value: JSONEncodable>(_ name: String, _ value: Value) -> String {
        String(buffer: [name: value].json())
    }
}
