internal import Jobline

extension Job {
    /// Status of the service; the common state if it is unknown.
    var statusText: String { status ?? state.rawValue }

    /// Progress from 0 to 1; nil if unknown or NaN.
    var fraction: Double? { progress.flatMap { $0.isNaN ? nil : min(max($0, 0), 1) } }

    /// Progress such as `40%`; empty if unknown.
    var percentage: String { fraction.map { "\(Int(($0 * 100).rounded(.down)))%" } ?? "" }

    /// Returns all properties of the job.
    func record(_ times: TimeFormat) -> Record {
        var record = Record()
        record.add("Job", reference.fullName)
        record.add("Name", name)
        record.add("State", statusText)
        record.add("Started", submitted.map(times.text))
        record.add("Ended", ended.map(times.text))
        record.add("Expires", expires.map(times.text))
        for (name, value) in details { record.add(name, value) }
        record.add("Message", message)
        return record
    }

    /// Properties that only exist for one service.
    private var details: [(name: String, value: String?)] {
        switch original {
        case .comprehendMedical(let job):
            let (input, output) = (job.inputDataConfig, job.outputDataConfig)
            return [
                ("Input", S3Location.text(bucket: input?.s3Bucket, key: input?.s3Key)),
                ("Output", S3Location.text(bucket: output?.s3Bucket, key: output?.s3Key)),
                ("Model", job.modelVersion),
            ]
        case .batchSegment(let job):
            return [
                ("ARN", job.batchSegmentJobARN),
                ("Input", job.jobInput?.s3DataSource.path),
                ("Output", job.jobOutput?.s3DataDestination.path),
                ("Results", job.numResults.map { "\($0) an item" }),
                ("Model", job.solutionVersionARN),
            ]
        case .batchInference(let job):
            return [
                ("ARN", job.batchInferenceJobARN),
                ("Input", job.jobInput?.s3DataSource.path),
                ("Output", job.jobOutput?.s3DataDestination.path),
                ("Results", job.numResults.map { "\($0) a line" }),
                ("Mode", job.batchInferenceJobMode?.rawValue),
                ("Model", job.solutionVersionARN),
            ]
        case .matching(let job):
            return [
                ("Output", job.outputSourceConfig?.map(\.outputS3Path).joined(separator: " ")),
                ("Records", job.metrics?.inputRecords.map(String.init)),
                ("Processed", job.metrics?.totalRecordsProcessed.map(String.init)),
                ("Not processed", job.metrics?.recordsNotProcessed.map(String.init)),
                ("Match IDs", job.metrics?.matchIDs.map(String.init)),
            ]
        case .idMapping(let job):
            return [
                ("Output", job.outputSourceConfig?.map(\.outputS3Path).joined(separator: " ")),
                ("Type", job.jobType?.rawValue),
                ("Records", job.metrics?.inputRecords.map(String.init)),
                ("Processed", job.metrics?.totalRecordsProcessed.map(String.init)),
                ("Not processed", job.metrics?.recordsNotProcessed.map(String.init)),
                ("Unique", job.metrics?.uniqueRecordsLoaded.map(String.init)),
                ("Mapped sources", job.metrics?.totalMappedSourceRecords.map(String.init)),
                ("Mapped targets", job.metrics?.totalMappedTargetRecords.map(String.init)),
            ]
        // Summaries have no further properties.
        case .batchSegmentSummary, .batchInferenceSummary, .matchingSummary, .idMappingSummary, nil: return []
        }
    }
}

extension JobState {
    /// Whether the job is being executed.
    var isUnderWay: Bool { self == .running || self == .stopping }
}
