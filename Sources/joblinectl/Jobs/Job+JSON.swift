internal import Jobline
internal import NIOCore

extension Job {
    /// The job as its service shows it.
    var json: String {
        switch original {
        case .comprehendMedical(let job): job.text
        case .batchSegment(let job): job.text
        case .batchSegmentSummary(let job): job.text
        case .batchInference(let job): job.text
        case .batchInferenceSummary(let job): job.text
        case .matching(let job): job.text
        case .matchingSummary(let job): job.text
        case .idMapping(let job): job.text
        case .idMappingSummary(let job): job.text
        case nil: "{}"
        }
    }

    /// The job as the daemon tells of a change, which says of which family it is.
    var changeJSON: String {
        Sidecar.JobChanged(
            service: service ?? "", family: family, id: id, state: state, workflow: workflow, progress: progress,
            job: original == nil ? nil : JSONDocument(json)
        ).text
    }
}

extension JSONEncodable {
    /// The value as JSON text.
    var text: String { String(buffer: json()) }
}
