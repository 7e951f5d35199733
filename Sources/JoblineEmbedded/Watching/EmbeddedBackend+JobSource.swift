package import JoblineBackend
internal import JoblineProtocol

extension EmbeddedBackend {
    package func snapshots(of jobs: [JobReference]) async throws -> [JobSnapshot] {
        try await mapServiceErrors {
            let found = try await store.jobs(jobs, now: now())
            return try jobs.map { job in
                guard let job = found[job] else { return .gone }
                return try job.snapshot(progress: queue.progress(of: job))
            }
        }
    }

    package func log(of job: JobReference) async throws -> JobLog? {
        try await mapServiceErrors {
            let log = logs[job]
            let (bytes, isTruncated) = try await blocking { try log.read() }
            // Without the rest of a character whose first bytes were cut off.
            let whole = isTruncated ? bytes.drop { $0 & 0xC0 == 0x80 } : bytes[...]
            return JobLog(text: String(decoding: whole, as: UTF8.self), isTruncated: isTruncated)
        }
    }

    package func observe(_ observer: @escaping @Sendable (JobReference) -> Void) {
        changes.observe { observer($0.key) }
    }
}

extension Job {
    /// Returns the job as watches show it, with the JSON of its describe response.
    fileprivate func snapshot(progress: Double?) throws -> JobSnapshot {
        var workflows: [String] = []
        var writer = JSONWriter()
        switch key.family {
        case .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference:
            try withView { try EmbeddedComprehendMedical.encode($0, to: &writer) }
        case .batchSegment:
            try EmbeddedPersonalize.segmentJob(self).write(to: &writer)
        case .batchInference:
            try EmbeddedPersonalize.inferenceJob(self).write(to: &writer)
        case .matching:
            let document = try EmbeddedEntityResolution.matchingWorkflow(of: self)
            try EmbeddedEntityResolution.matchingJob(self, document).write(to: &writer)
            workflows = [document.workflowARN]
        case .idMapping:
            let document = try EmbeddedEntityResolution.idMappingWorkflow(of: self)
            try EmbeddedEntityResolution.idMappingJob(self, document).write(to: &writer)
            workflows = [document.workflowARN]
        }
        if let workflow { workflows.append(workflow) }
        return JobSnapshot(
            state: state, progress: progress, job: JSONDocument(compact: writer.finish()), workflows: workflows)
    }
}
