internal import Jobline

/// What Entity Resolution tells of a job of any kind.
protocol WorkflowJob: JSONEncodable, Sendable {
    var jobID: String { get }
    var status: EntityResolution.JobStatus { get }
    var startTime: Timestamp { get }
    var endTime: Timestamp? { get }
    var errorDetails: EntityResolution.ErrorDetails? { get }
    var outputSourceConfig: [EntityResolution.JobOutputSource]? { get }
    /// What the job counted, for a person.
    var details: [(name: String, value: String?)] { get }
}

extension EntityResolution.GetMatchingJobResponse: WorkflowJob {
    var details: [(name: String, value: String?)] {
        [
            ("Records", metrics?.inputRecords.map(String.init)),
            ("Processed", metrics?.totalRecordsProcessed.map(String.init)),
            ("Not processed", metrics?.recordsNotProcessed.map(String.init)),
            ("Match IDs", metrics?.matchIDs.map(String.init)),
        ]
    }
}

extension EntityResolution.GetIdMappingJobResponse: WorkflowJob {
    var details: [(name: String, value: String?)] {
        [
            ("Type", jobType?.rawValue),
            ("Records", metrics?.inputRecords.map(String.init)),
            ("Processed", metrics?.totalRecordsProcessed.map(String.init)),
            ("Not processed", metrics?.recordsNotProcessed.map(String.init)),
            ("Unique", metrics?.uniqueRecordsLoaded.map(String.init)),
            ("Mapped sources", metrics?.totalMappedSourceRecords.map(String.init)),
            ("Mapped targets", metrics?.totalMappedTargetRecords.map(String.init)),
        ]
    }
}
