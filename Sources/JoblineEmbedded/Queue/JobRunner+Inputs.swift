internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

extension JobRunner {
    /// What a job reads, found below the state directory.
    func inputs(of job: Job) async throws -> [ExecutorJob.Input] {
        let request = ByteBuffer(string: job.request)
        let document = ByteBuffer(string: job.workflowDocument ?? "")
        switch job.key.family {
        case .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference:
            return [try await object(Manifests(job: job, places: places).input)]
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
        try await blocking { ExecutorJob.Input(path: try places.input(location), uri: location.uri) }
    }

    private func records(_ arn: String, schema name: String?) async throws -> ExecutorJob.Input {
        let source = try InputSource(arn: arn)
        let output = try await newestOutput(of: source)
        return try await blocking {
            let path = try output.map { try places.input($0) } ?? places.table(arn)
            return ExecutorJob.Input(path: path, uri: arn, schema: try name.flatMap(places.schema))
        }
    }

    /// Where the records are that a matching workflow has written; nil for a table.
    private func newestOutput(of source: InputSource) async throws -> ObjectLocation? {
        guard case .matchingWorkflow(let name) = source else { return nil }
        guard let output = try await store.newestOutput(ofMatchingWorkflow: name) else {
            throw PlaceError(.missing, "the matching workflow \(name) has no job that succeeded")
        }
        return try ObjectLocation(uri: output).directory(WorkDirectory.successName)
    }

    /// Looks at what a job reads before its executor does.
    ///
    /// - Throws: ``PlaceError`` if there is nothing to work on, too much, or something that the daemon may not read.
    func measure(_ inputs: [ExecutorJob.Input], of job: Job) throws -> Manifests.Input {
        if job.key.family.service == .comprehendMedical, let place = inputs.first { return try measure(place, of: job) }
        // Made up input is not: what a job of a test has written may be empty.
        guard !configuration.suppliesInput else { return Manifests.Input() }
        for input in inputs {
            var hasContent = false
            var unreadable: String?
            try reading(input) { () throws(TreeError) in
                try DirectoryHandle.walk(input.path) { name, entry in
                    if entry.kind == .file, entry.size > 0 { hasContent = true }
                    if !entry.isReadable, unreadable == nil { unreadable = name }
                }
            }
            if let unreadable { throw Self.closed(unreadable, in: input) }
            guard hasContent else { throw PlaceError(.missing, "\(input.uri) has no content") }
        }
        return Manifests.Input()
    }

    private func measure(_ place: ExecutorJob.Input, of job: Job) throws -> Manifests.Input {
        let input = try reading(place) { () throws(TreeError) in
            try Manifests(job: job, places: places).measure(place.path, fileLimits)
        }
        guard input.bytes > 0 else { throw PlaceError(.missing, "the input has no content") }
        if let maximum = job.key.family.maximumInputBytes, input.bytes > maximum {
            throw PlaceError(.unusable, "the input has over \(maximum >> 30) GB")
        }
        guard input.refused < input.files else {
            if let unreadable = input.unreadable { throw Self.closed(unreadable, in: place) }
            throw PlaceError(.unusable, "each of the files is \(fileLimits.tooLarge) or empty")
        }
        return input
    }

    private func reading<Value>(
        _ input: ExecutorJob.Input, _ body: () throws(TreeError) -> Value
    ) throws(PlaceError) -> Value {
        do throws(TreeError) { return try body() } catch { throw Self.closed(error.path, in: input, error.cause) }
    }

    /// - Parameter name: Relative to the input, or the input's own if it is a file.
    private static func closed(
        _ name: String, in input: ExecutorJob.Input, _ error: Errno = .permissionDenied
    ) -> PlaceError {
        let isInput = name.isEmpty || name == input.path.lastComponent?.string
        let path = isInput ? input.path : input.path.pushing(FilePath(name))
        let reason = AccessDenial.description(of: error, at: path, .read)
        return PlaceError(.unusable, "\(input.uri) cannot be read: \(reason)", cause: error)
    }

    var fileLimits: FileLimits { FileLimits(maximumBytes: configuration.comprehendMedicalFileBytes) }
}
