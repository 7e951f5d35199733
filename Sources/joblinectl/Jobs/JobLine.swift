internal import Jobline
internal import NIOCore

/// Job as a line of JSON, in the same form for every command: reference, state, and description by its service.
struct JobLine: JSONEncodable {
    private let job: Job
    private let token: String?

    /// Creates the line.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - token: Idempotency token, if the command has just started the job.
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

    /// Description of the members, for the help.
    static let explanation = """
        With -o json, list, describe, wait, watch, start and stop print a job as one line with the members service, \
        family, workflow (Matching and IdMapping), id, reference, state (common to all services), status (of the \
        service), progress (if known), and job (the description by the service).
        """
}

extension Job {
    /// Description of the job by its service; nil if it is gone.
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
    /// JSON text.
    var text: String { String(buffer: json()) }
}
