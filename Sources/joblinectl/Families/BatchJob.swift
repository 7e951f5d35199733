internal import Jobline

/// What Personalize tells of a batch job of any kind, alone or in a list.
protocol BatchJob: JSONEncodable, Sendable {
    var arn: String? { get }
    var jobName: String? { get }
    var status: Personalize.JobStatus? { get }
    var failureReason: String? { get }
    var creationDateTime: Timestamp? { get }
    var lastUpdatedDateTime: Timestamp? { get }
    /// What else a person may want to know.
    var details: [(name: String, value: String?)] { get }
}

extension Personalize.BatchSegmentJob: BatchJob {
    var arn: String? { batchSegmentJobARN }
    var details: [(name: String, value: String?)] {
        [
            ("ARN", arn),
            ("Input", jobInput?.s3DataSource.path),
            ("Output", jobOutput?.s3DataDestination.path),
            ("Results", numResults.map { "\($0) an item" }),
            ("Model", solutionVersionARN),
        ]
    }
}

extension Personalize.BatchInferenceJob: BatchJob {
    var arn: String? { batchInferenceJobARN }
    var details: [(name: String, value: String?)] {
        [
            ("ARN", arn),
            ("Input", jobInput?.s3DataSource.path),
            ("Output", jobOutput?.s3DataDestination.path),
            ("Results", numResults.map { "\($0) a line" }),
            ("Mode", batchInferenceJobMode?.rawValue),
            ("Model", solutionVersionARN),
        ]
    }
}

extension Personalize.BatchSegmentJobSummary: BatchJob {
    var arn: String? { batchSegmentJobARN }
    var details: [(name: String, value: String?)] { [] }
}

extension Personalize.BatchInferenceJobSummary: BatchJob {
    var arn: String? { batchInferenceJobARN }
    var details: [(name: String, value: String?)] { [] }
}
