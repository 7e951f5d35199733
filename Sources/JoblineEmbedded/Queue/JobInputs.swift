internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// Locates and checks what jobs read.
struct JobInputs: Sendable {
    let store: any JobStore
    let paths: StatePaths
    /// Limits of the files of Comprehend Medical jobs.
    let fileLimits: FileLimits
    /// Whether missing input is created, for tests.
    let suppliesInput: Bool

    /// Returns the inputs of a job, with their paths below the state directory.
    func inputs(of job: Job) async throws -> [ExecutorJob.Input] {
        let request = ByteBuffer(string: job.request)
        let document = ByteBuffer(string: job.workflowDocument ?? "")
        switch job.key.family {
        case .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference:
            return [try await object(Manifests(job: job, paths: paths).input)]
        case .batchSegment:
            let input = try Personalize.CreateBatchSegmentJobRequest(json: request).jobInput
            return [try await object(ObjectLocation(uri: input.s3DataSource.path))]
        case .batchInference:
            let input = try Personalize.CreateBatchInferenceJobRequest(json: request).jobInput
            return [try await object(ObjectLocation(uri: input.s3DataSource.path))]
        case .matching:
            var inputs: [ExecutorJob.Input] = []
            for source in try EntityResolution.GetMatchingWorkflowResponse(json: document).inputSourceConfig {
                inputs.append(try await records(source.inputSourceARN, schema: source.schemaName))
            }
            return inputs
        case .idMapping:
            var inputs: [ExecutorJob.Input] = []
            for source in try EntityResolution.GetIdMappingWorkflowResponse(json: document).inputSourceConfig {
                var input = try await records(source.inputSourceARN, schema: source.schemaName)
                input.type = source.type?.rawValue
                inputs.append(input)
            }
            return inputs
        }
    }

    private func object(_ location: ObjectLocation) async throws -> ExecutorJob.Input {
        try await blocking { ExecutorJob.Input(path: try paths.input(location), uri: location.uri) }
    }

    private func records(_ arn: String, schema name: String?) async throws -> ExecutorJob.Input {
        let source = try InputSource(arn: arn)
        let output = try await newestOutput(of: source)
        return try await blocking {
            let path = try output.map { try paths.input($0) } ?? paths.table(arn)
            return ExecutorJob.Input(path: path, uri: arn, schema: try name.flatMap(paths.schema))
        }
    }

    /// Returns the folder of the records that a matching workflow has written; nil for a table.
    private func newestOutput(of source: InputSource) async throws -> ObjectLocation? {
        guard case .matchingWorkflow(let name) = source else { return nil }
        guard let output = try await store.newestOutput(ofMatchingWorkflow: name) else {
            throw PathError(.missing, "the matching workflow \(name) has no job that succeeded")
        }
        return try ObjectLocation(uri: output).directory(WorkDirectory.successName)
    }

    /// Measures the inputs of a job before its executor reads them.
    ///
    /// - Throws: ``PathError`` if the input is empty, too large or not readable for the daemon.
    func measure(_ inputs: [ExecutorJob.Input], of job: Job) throws -> Manifests.Input {
        if job.key.family.service == .comprehendMedical, let place = inputs.first { return try measure(place, of: job) }
        // In tests an input may be the empty output of another job.
        guard !suppliesInput else { return Manifests.Input() }
        for input in inputs {
            var hasContent = false
            var unreadable: String?
            try reading(input) { () throws(TreeError) in
                try DirectoryHandle.walk(input.path) { name, entry in
                    if entry.kind == .file, entry.size > 0 { hasContent = true }
                    if !entry.isReadable, unreadable == nil { unreadable = name }
                }
            }
            if let unreadable { throw Self.unreadable(unreadable, in: input) }
            guard hasContent else { throw PathError(.missing, "\(input.uri) has no content") }
        }
        return Manifests.Input()
    }

    private func measure(_ place: ExecutorJob.Input, of job: Job) throws -> Manifests.Input {
        let input = try reading(place) { () throws(TreeError) in
            try Manifests(job: job, paths: paths).measure(place.path, fileLimits)
        }
        guard input.bytes > 0 else { throw PathError(.missing, "the input has no content") }
        if let maximum = job.key.family.maximumInputBytes, input.bytes > maximum {
            throw PathError(.unusable, "the input has over \(maximum >> 30) GB")
        }
        guard input.refused < input.files else {
            if let unreadable = input.unreadable { throw Self.unreadable(unreadable, in: place) }
            throw PathError(.unusable, "each of the files is \(fileLimits.tooLarge) or empty")
        }
        return input
    }

    private func reading<Value>(
        _ input: ExecutorJob.Input, _ body: () throws(TreeError) -> Value
    ) throws(PathError) -> Value {
        do throws(TreeError) { return try body() } catch { throw Self.unreadable(error.path, in: input, error.cause) }
    }

    /// Returns the error of a file that the daemon may not read.
    ///
    /// - Parameter name: Path relative to the input; the input's own name if it is a file.
    private static func unreadable(
        _ name: String, in input: ExecutorJob.Input, _ error: Errno = .permissionDenied
    ) -> PathError {
        let isInput = name.isEmpty || name == input.path.lastComponent?.string
        let path = isInput ? input.path : input.path.pushing(FilePath(name))
        let reason = AccessDenial.description(of: error, at: path, .read)
        return PathError(.unusable, "\(input.uri) cannot be read: \(reason)", cause: error)
    }
}
