internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// Description of a job that its executor reads from standard input.
struct ExecutorJob: Sendable {
    /// Input of a job.
    struct Input: Sendable {
        /// Absolute path of a directory or file.
        var path: FilePath
        /// URI or ARN in the caller's request.
        var uri: String
        /// Schema of the input, as JSON.
        var schema: JSONDocument?
        /// Side of an ID mapping: SOURCE or TARGET.
        var type: String?

        init(path: FilePath, uri: String, schema: JSONDocument? = nil) {
            self.path = path
            self.uri = uri
            self.schema = schema
        }
    }

    /// Version of the executor contract.
    static let version = 1

    var family: JobFamily
    var id: String
    /// Caller's request, as JSON.
    var request: JSONDocument
    /// Workflow of the job, as JSON.
    var workflow: JSONDocument?
    var inputs: [Input]
    /// Absolute path of an empty directory.
    var output: FilePath

    init(
        family: JobFamily, id: String, request: JSONDocument, workflow: JSONDocument? = nil, inputs: [Input],
        output: FilePath
    ) {
        self.family = family
        self.id = id
        self.request = request
        self.workflow = workflow
        self.inputs = inputs
        self.output = output
    }

    /// Environment variables that describe the job.
    var environment: [String: String] {
        var environment = [
            "JOBLINE_JOB_ID": id, "JOBLINE_SERVICE": family.service.rawValue, "JOBLINE_FAMILY": family.rawValue,
            "JOBLINE_OUTPUT": output.string,
        ]
        environment["JOBLINE_INPUT"] = inputs.first?.path.string
        return environment
    }
}

extension ExecutorJob: JSONEncodable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("version", Self.version)
            writer.member("service", family.service.rawValue)
            writer.member("family", family.rawValue)
            writer.member("jobId", id)
            writer.member("request", request)
            writer.member("workflow", workflow)
            writer.member("inputs", inputs)
            writer.member("output", output.string)
        }
    }
}

extension ExecutorJob.Input: JSONEncodable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("path", path.string)
            writer.member("uri", uri)
            writer.member("schema", schema)
            writer.member("type", type)
        }
    }
}
