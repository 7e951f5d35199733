internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

extension JobRunner {
    /// What a job reads, found below the state directory.
    func inputs(of job: Job) throws -> [ExecutorJob.Input] {
        let request = ByteBuffer(string: job.request)
        switch job.key.family.service {
        case .comprehendMedical:
            return [try object(Manifests(job: job, places: places).input)]
        case .personalize:
            let path = try Personalize.CreateBatchSegmentJobRequest(json: request).jobInput.s3DataSource.path
            return [try object(ObjectLocation(uri: path))]
        case .entityResolution:
            let document = ByteBuffer(string: job.workflowDocument ?? "")
            return try EntityResolution.GetMatchingWorkflowResponse(json: document).inputSourceConfig.map(table)
        }
    }

    private func object(_ location: ObjectLocation) throws -> ExecutorJob.Input {
        ExecutorJob.Input(path: try places.input(location), uri: location.uri)
    }

    private func table(_ source: EntityResolution.InputSource) throws -> ExecutorJob.Input {
        let path = try places.table(source.inputSourceARN)
        guard let content = try places.schema(source.schemaName) else {
            return ExecutorJob.Input(path: path, uri: source.inputSourceARN)
        }
        guard let schema = JSONDocument(String(decoding: content, as: UTF8.self)) else {
            throw PlaceError(.unusable, "the schema \(source.schemaName) is not JSON")
        }
        return ExecutorJob.Input(path: path, uri: source.inputSourceARN, schema: schema)
    }
}
