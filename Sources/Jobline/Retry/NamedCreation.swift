internal import JoblineProtocol

/// A request that makes something of a name that is taken once and for ever: it can do no harm twice, and what became of it can
/// be looked up.
protocol NamedCreation: JSONEncodable {
    associatedtype Response: JSONDecodable

    /// Looks for what has the name.
    ///
    /// - Parameters:
    ///   - client: Whom to ask.
    ///   - options: What to ask with.
    /// - Returns: nil if there is nothing of the name.
    func find(_ client: JoblineClient, options: CallOptions) async throws(JoblineError) -> FoundCreation<Response>?
}

/// What has the name that a request asked for.
enum FoundCreation<Response: Sendable>: Sendable {
    /// What was asked for; the answer that was lost.
    case same(Response)
    /// Something else.
    case different
}

extension Personalize.CreateBatchSegmentJobRequest: NamedCreation {
    func find(
        _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> FoundCreation<Personalize.CreateBatchSegmentJobResponse>? {
        // Of all trained models: a name is taken whichever it was used with.
        for try await summary in client.personalize.batchSegmentJobs(options: options)
        where summary.jobName == jobName {
            guard let arn = summary.batchSegmentJobARN else { continue }
            let job = try await client.personalize.describeBatchSegmentJob(batchSegmentJobARN: arn, options: options)
                .batchSegmentJob
            let isSame =
                job?.solutionVersionARN == solutionVersionARN && job?.jobInput == jobInput
                && job?.jobOutput == jobOutput && job?.roleARN == roleARN && job?.filterARN == filterARN
                && (numResults == nil || job?.numResults == numResults)
            return isSame ? .same(Personalize.CreateBatchSegmentJobResponse(batchSegmentJobARN: arn)) : .different
        }
        return nil
    }
}

extension Personalize.CreateBatchInferenceJobRequest: NamedCreation {
    func find(
        _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> FoundCreation<Personalize.CreateBatchInferenceJobResponse>? {
        for try await summary in client.personalize.batchInferenceJobs(options: options)
        where summary.jobName == jobName {
            guard let arn = summary.batchInferenceJobARN else { continue }
            let job = try await client.personalize.describeBatchInferenceJob(
                batchInferenceJobARN: arn, options: options
            ).batchInferenceJob
            // What a request leaves out the service may fill in.
            let isSame =
                job?.solutionVersionARN == solutionVersionARN && job?.jobInput == jobInput
                && job?.jobOutput == jobOutput && job?.roleARN == roleARN && job?.filterARN == filterARN
                && (numResults == nil || job?.numResults == numResults)
                && (batchInferenceJobConfig == nil || job?.batchInferenceJobConfig == batchInferenceJobConfig)
                && (batchInferenceJobMode == nil || job?.batchInferenceJobMode == batchInferenceJobMode)
                && (themeGenerationConfig == nil || job?.themeGenerationConfig == themeGenerationConfig)
            return isSame ? .same(Personalize.CreateBatchInferenceJobResponse(batchInferenceJobARN: arn)) : .different
        }
        return nil
    }
}
