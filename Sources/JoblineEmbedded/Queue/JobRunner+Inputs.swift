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
    /// - Throws: ``PlaceError`` if there is nothing to work on, or too much.
    func measure(_ inputs: [ExecutorJob.Input], of job: Job) throws -> Manifests.Input {
        if job.key.family.service == .comprehendMedical {
            let input = try Manifests(job: job, places: places).measure(fileLimits)
            guard input.bytes > 0 else { throw PlaceError(.missing, "the input has no content") }
            if let maximum = job.key.family.maximumInputBytes, input.bytes > maximum {
                throw PlaceError(.unusable, "the input has over \(maximum >> 30) GB")
            }
            guard input.refused < input.files else {
                throw PlaceError(.unusable, "each of the files is \(fileLimits.tooLarge) or empty")
            }
            return input
        }
        // Made up input is not: what a job of a test has written may be empty.
        guard !configuration.suppliesInput else { return Manifests.Input() }
        for input in inputs {
            var hasContent = false
            try DirectoryHandle.walk(input.path) { _, entry in
                if entry.kind == .file, entry.size > 0 { hasContent = true }
            }
            guard hasContent else { throw PlaceError(.missing, "\(input.uri) has no content") }
        }
        return Manifests.Input()
    }

    var fileLimits: FileLimits { FileLimits(maximumBytes: configuration.comprehendMedicalFileBytes) }
}
