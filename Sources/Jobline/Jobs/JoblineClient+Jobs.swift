public import JoblineProtocol

extension JoblineClient {
    /// Describes a job of any service.
    ///
    /// - Parameters:
    ///   - reference: Reference of the job.
    ///   - options: Timeout and retry policy.
    /// - Returns: The current description of the job.
    /// - Throws: ``JoblineError``; code `notFound` if there is no such job; code `invalid`, without a request, if this
    ///   version does not know the family of `reference`, or the required workflow is missing.
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

    /// Describes a job of any service, if it exists.
    ///
    /// ```swift
    /// guard let job = try await client.jobIfFound(reference) else { return print("no such job, or it has expired") }
    /// ```
    ///
    /// - Parameters:
    ///   - reference: Reference of the job.
    ///   - options: Timeout and retry policy.
    /// - Returns: The current description of the job; nil if there is no such job, or the service has deleted it.
    /// - Throws: As ``job(_:options:)``, except for code `notFound`.
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

    /// Requests that a job stop. The job is stopped only once its state says so; a job that has ended stays as it is.
    ///
    /// - Parameters:
    ///   - reference: Reference of a Comprehend Medical job; the other services cannot stop jobs.
    ///   - options: Timeout and retry policy.
    /// - Throws: ``JoblineError``; code `refused`, without a request, if the job's service cannot stop jobs.
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
