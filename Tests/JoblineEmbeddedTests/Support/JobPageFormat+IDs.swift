@testable import JoblineEmbedded
import JoblineProtocol

extension JobPageFormat {
    /// A page of nothing but ids.
    static let ids = JobPageFormat(jobsMember: "jobs", tokenMember: "next") { job, writer in
        writer.string(utf8: job.id)
    } token: {
        $0.id
    }
}
