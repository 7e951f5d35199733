internal import JoblineProtocol

extension Job {
    /// Converts a notification of a watch.
    ///
    /// Reference, state and progress come from the notification itself; the rest comes from the service's description,
    /// as far as this version can decode it.
    package init(_ changed: Sidecar.JobChanged) {
        let reference = JobReference(family: changed.family, id: changed.id, workflow: changed.workflow)
        self = changed.job.flatMap { Job($0, reference) } ?? Job(reference: reference, state: changed.state)
        self.reference = reference
        state = changed.state
        progress = changed.progress
    }

    /// Decodes a job from its description, or from the response in which the service wraps it.
    private init?(_ document: JSONDocument, _ reference: JobReference) {
        let json = document.json()
        let workflow = reference.workflow ?? ""
        switch reference.family {
        case .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference:
            let wrapped = (try? ComprehendMedical.DescribeJobResponse(json: json))?.jobProperties
            guard let job = wrapped ?? (try? ComprehendMedical.JobProperties(json: json)) else { return nil }
            self.init(job, reference)
        case .batchSegment:
            let wrapped = (try? Personalize.DescribeBatchSegmentJobResponse(json: json))?.batchSegmentJob
            guard let job = wrapped ?? (try? Personalize.BatchSegmentJob(json: json)) else { return nil }
            self.init(job)
        case .batchInference:
            let wrapped = (try? Personalize.DescribeBatchInferenceJobResponse(json: json))?.batchInferenceJob
            guard let job = wrapped ?? (try? Personalize.BatchInferenceJob(json: json)) else { return nil }
            self.init(job)
        case .matching:
            guard let job = try? EntityResolution.GetMatchingJobResponse(json: json) else { return nil }
            self.init(job, workflow: workflow)
        case .idMapping:
            guard let job = try? EntityResolution.GetIdMappingJobResponse(json: json) else { return nil }
            self.init(job, workflow: workflow)
        default: return nil
        }
    }
}
