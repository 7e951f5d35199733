internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// A job as its executor is told of it on standard input.
struct ExecutorJob: Sendable {
    /// Something that the job reads.
    struct Input: Sendable {
        /// A directory or a file, absolute.
        var path: FilePath
        /// What the caller called it.
        var uri: String
        /// The schema of the input, as JSON.
        var schema: JSONDocument?
        /// Which side of a mapping it is: SOURCE or TARGET.
        var type: String?

        init(path: FilePath, uri: String, schema: JSONDocument? = nil) {
            self.path = path
            self.uri = uri
            self.schema = schema
        }
    }

    /// The version of the executor contract.
    static let version = 1

    var family: JobFamily
    var id: String
    /// The request as it came, as JSON.
    var request: JSONDocument
    /// The workflow, as JSON.
    var workflow: JSONDocument?
    var inputs: [Input]
    /// An empty directory, absolute.
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

    /// The variables that tell an executor what needs no JSON.
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
