internal import JoblineProtocol

/// A request that creates a resource under a name that can never be reused. Sending it twice is harmless, and its
/// outcome can be looked up by name.
protocol NamedCreation: JSONEncodable {
    associatedtype Response: JSONDecodable

    /// Looks up the resource with the requested name.
    ///
    /// - Parameters:
    ///   - client: Client that sends the lookup.
    ///   - options: Options of the lookup's calls.
    /// - Returns: The resource found; nil if none has the name.
    func find(_ client: JoblineClient, options: CallOptions) async throws(JoblineError) -> FoundCreation<Response>?
}

/// The resource found under a requested name.
enum FoundCreation<Response: Sendable>: Sendable {
    /// The requested resource, with the response that was lost.
    case same(Response)
    /// A different resource.
    case different
}

extension Personalize.CreateBatchSegmentJobRequest: NamedCreation {
    func find(
        _ client: JoblineClient, options: CallOptions
    ) async throws(JoblineError) -> FoundCreation<Personalize.CreateBatchSegmentJobResponse>? {
        // Lists the jobs of all solution versions: names are unique across them.
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
            // The service may fill in members that the request omits.
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
