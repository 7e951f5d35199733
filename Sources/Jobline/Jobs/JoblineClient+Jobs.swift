public import JoblineProtocol

extension JoblineClient {
    /// Tells everything that is known of one job of any service, by the service's own describe or get.
    ///
    /// - Parameters:
    ///   - reference: The job.
    ///   - options: How long to wait, and how often to try.
    /// - Returns: The job as it is now.
    /// - Throws: ``JoblineError``; with code `notFound` if there is no such job, with code `invalid` and without asking the daemon
    ///   if `reference` names no family of this version, or lacks the workflow that its family needs.
    public func job(
        _ reference: JobReference, options: CallOptions = CallOptions()
    ) async throws(JoblineError) -> Job {
        if let family = ComprehendMedical.Family(rawValue: reference.family.rawValue) {
            let response: ComprehendMedical.DescribeJobResponse = try await call(
                family.describeMethod, ComprehendMedical.DescribeJobRequest(jobID: reference.id), about: reference,
                options: options)
            guard let job = response.jobProperties else { throw Self.noJob(family.describeMethod, reference) }
            return Job(job, reference)
        }
        switch reference.family {
        case .batchSegment:
            let response = try await personalize.describeBatchSegmentJob(
                batchSegmentJobARN: reference.id, options: options)
            guard let job = response.batchSegmentJob else {
                throw Self.noJob(.personalizeDescribeBatchSegmentJob, reference)
            }
            return Job(job)
        case .batchInference:
            let response = try await personalize.describeBatchInferenceJob(
                batchInferenceJobARN: reference.id, options: options)
            guard let job = response.batchInferenceJob else {
                throw Self.noJob(.personalizeDescribeBatchInferenceJob, reference)
            }
            return Job(job)
        case .matching:
            let workflow = try Self.workflow(reference.workflow, of: reference.family)
            let response = try await entityResolution.getMatchingJob(
                workflowName: workflow, jobID: reference.id, options: options)
            return Job(response, workflow: workflow)
        case .idMapping:
            let workflow = try Self.workflow(reference.workflow, of: reference.family)
            let response = try await entityResolution.getIDMappingJob(
                workflowName: workflow, jobID: reference.id, options: options)
            return Job(response, workflow: workflow)
        default: throw Self.unknownFamily(reference.family)
        }
    }

    /// Tells everything that is known of one job of any service, if there is such a job.
    ///
    /// ```swift
    /// guard let job = try await client.jobIfFound(reference) else { return print("no such job, or it has expired") }
    /// ```
    ///
    /// - Parameters:
    ///   - reference: The job.
    ///   - options: How long to wait, and how often to try.
    /// - Returns: The job as it is now; nil if there is no such job, or the service has forgotten it.
    /// - Throws: As ``job(_:options:)``, but not with code `notFound`.
    public func jobIfFound(
        _ reference: JobReference, options: CallOptions = CallOptions()
    ) async throws(JoblineError) -> Job? {
        do throws(JoblineError) {
            return try await job(reference, options: options)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// Asks a job to end before it is done. It is done with only when its state says so; one that has ended stays as it is.
    ///
    /// - Parameters:
    ///   - reference: The job; one of Comprehend Medical, as no other service stops jobs.
    ///   - options: How long to wait, and how often to try.
    /// - Throws: ``JoblineError``; with code `refused` and without asking the daemon if the job's service has no such call.
    public func stop(_ reference: JobReference, options: CallOptions = CallOptions()) async throws(JoblineError) {
        guard let family = ComprehendMedical.Family(rawValue: reference.family.rawValue) else {
            guard let service = reference.family.service else { throw Self.unknownFamily(reference.family) }
            throw JoblineError(
                .refused, "\(service) has no call that stops a job: wait for its end", job: reference)
        }
        let _: ComprehendMedical.StopJobResponse = try await call(
            family.stopMethod, ComprehendMedical.StopJobRequest(jobID: reference.id), about: reference, options: options
        )
    }

    private static func noJob(_ method: Method, _ reference: JobReference) -> JoblineError {
        JoblineError(.decoding, "the result holds no job", method: method.rawValue, job: reference, attempts: 1)
    }

    static func workflow(_ workflow: String?, of family: JobFamily) throws(JoblineError) -> String {
        guard let workflow else {
            throw JoblineError(.invalid, "a job of \(family.rawValue) is found only with its workflow: name it")
        }
        return workflow
    }

    static func unknownFamily(_ family: JobFamily) -> JoblineError {
        JoblineError(
            .invalid, "\(family.rawValue) is no family of jobs that this version knows: use call(_:json:options:)")
    }
}
