package import JoblineProtocol

extension EmbeddedBackend: JobSource {
    package func snapshots(of jobs: [JobIdentity]) async throws -> [JobSnapshot] {
        try await answering {
            let keys = jobs.map(JobKey.init)
            let found = try await queue.store.jobs(keys.compactMap { $0 }, now: queue.now())
            return try keys.map { key in
                guard let job = key.flatMap({ found[$0] }) else { return .gone }
                return try job.snapshot(progress: queue.progress(of: job))
            }
        }
    }

    package func log(of job: JobIdentity) async throws -> JobLog? {
        try await answering {
            guard let log = JobKey(job).map({ queue.logs[$0] }) else { return nil }
            let (bytes, isTruncated) = try await blocking { try log.read() }
            // The rest of a character whose beginning was cut off.
            let whole = isTruncated ? bytes.drop { $0 & 0xC0 == 0x80 } : bytes[...]
            return JobLog(text: String(decoding: whole, as: UTF8.self), isTruncated: isTruncated)
        }
    }

    package func observe(_ observer: @escaping @Sendable (JobIdentity) -> Void) {
        queue.changes.observe { observer(JobIdentity($0.key)) }
    }
}

extension JobIdentity {
    fileprivate init(_ key: JobKey) { self.init(Sidecar.JobFamily(rawValue: key.family.rawValue), key.id) }
}

extension JobKey {
    /// nil for a family that is not known here.
    fileprivate init?(_ job: JobIdentity) {
        guard let family = JobFamily(rawValue: job.family.rawValue) else { return nil }
        self.init(family, job.id)
    }
}

extension Job {
    /// The job as watches show it: with what its service shows where it is asked for this job alone.
    fileprivate func snapshot(progress: Double?) throws -> JobSnapshot {
        var workflows: [String] = []
        let shown: any JSONEncodable
        switch key.family {
        case .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference:
            shown = try EmbeddedComprehendMedical.properties(self)
        case .batchSegment:
            shown = try EmbeddedPersonalize.segmentJob(self)
        case .batchInference:
            shown = try EmbeddedPersonalize.inferenceJob(self)
        case .matching:
            let document = try EmbeddedEntityResolution.matchingWorkflow(of: self)
            shown = try EmbeddedEntityResolution.matchingJob(self, document)
            workflows = [document.workflowARN]
        case .idMapping:
            let document = try EmbeddedEntityResolution.idMappingWorkflow(of: self)
            shown = try EmbeddedEntityResolution.idMappingJob(self, document)
            workflows = [document.workflowARN]
        }
        if let workflow { workflows.append(workflow) }
        return JobSnapshot(
            state: state, progress: progress, job: JSONDocument(compact: shown.json()), workflows: workflows)
    }
}
