package import JoblineBackend
package import JoblineProtocol
internal import NIOCore

/// Answers `Sidecar.GetJobLog`, over one source of jobs.
package struct JobLogs: Sendable {
    private let source: any JobSource

    package init(of source: any JobSource) { self.source = source }

    /// Finds the log of a job, and shows as much of its end as the caller's reply may have.
    package func answer(
        _ request: Sidecar.GetJobLogRequest, context: RequestContext
    ) async throws -> Sidecar.GetJobLogResponse {
        let reference = request.job
        let job = try reference.checked("job", of: .sidecarGetJobLog)
        let snapshot = try await source.snapshots(of: [job]).first ?? .gone
        guard snapshot.state != .gone, reference.workflow.map(snapshot.workflows.contains) ?? true else {
            throw ServiceError(.notFound, "there is no such job, or it has expired", path: "job.id")
        }
        let log = try await source.log(of: job) ?? JobLog(text: "", isTruncated: false)
        var response = Sidecar.GetJobLogResponse(text: log.text, truncated: log.isTruncated)
        while response.json().readableBytes > context.resultBytes, !response.text.isEmpty {
            response.text = String(response.text.unicodeScalars.suffix(response.text.unicodeScalars.count / 2))
            response.truncated = true
        }
        return response
    }
}
