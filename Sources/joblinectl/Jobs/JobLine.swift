internal import Jobline
internal import NIOCore

/// A job as one line of JSON, of the same shape in every command: how it is found, how far it is, and the job as its service
/// shows it.
struct JobLine: JSONEncodable {
    private let job: Job
    private let token: String?

    /// - Parameters:
    ///   - job: The job.
    ///   - token: The token that the job was started with, where the command has just started it.
    init(_ job: Job, token: String? = nil) {
        self.job = job
        self.token = token
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("service", job.service ?? "")
            writer.member("family", job.family)
            writer.member("workflow", job.workflow)
            writer.member("id", job.id)
            writer.member("reference", job.reference.description)
            writer.member("state", job.state)
            writer.member("status", job.status)
            writer.member("progress", job.progress)
            writer.member("token", token)
            writer.member("job", job.serviceJob)
        }
    }

    /// The members, for the help.
    static let explanation = """
        With -o json each job is one line of the same shape in list, describe, wait, watch, start and stop: service, family, \
        workflow (of Matching and IdMapping), id, reference, state (one vocabulary for all services), status (the service's \
        own word), progress where it is known, and job, as the service shows it.
        """
}

extension Job {
    /// The job as its service shows it; nil if it is gone.
    fileprivate var serviceJob: JSONDocument? {
        let value: any JSONEncodable
        switch original {
        case .comprehendMedical(let job): value = job
        case .batchSegment(let job): value = job
        case .batchSegmentSummary(let job): value = job
        case .batchInference(let job): value = job
        case .batchInferenceSummary(let job): value = job
        case .matching(let job): value = job
        case .matchingSummary(let job): value = job
        case .idMapping(let job): value = job
        case .idMappingSummary(let job): value = job
        case nil: return nil
        }
        return JSONDocument(compact: value.json())
    }
}

extension JSONEncodable {
    /// The value as JSON text.
    var text: String { String(buffer: json()) }
}
