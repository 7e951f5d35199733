internal import GRDB
internal import JoblineProtocol
internal import NIOCore

extension Job: FetchableRecord {
    /// What ``init(row:)`` reads, for the head of a query; `job` is joined with its `workflow`.
    static let selection = """
        SELECT job.*, workflow.name AS workflowName FROM job LEFT JOIN workflow ON workflow.number = job.workflow
        """

    // With `decode`, which throws: a subscript ends the process where a damaged file holds something else than the schema says,
    // and prints the whole row.
    init(row: Row) throws {
        guard let family = JobFamily(rawValue: try row.decode(forColumn: "family")),
            let phase = JobPhase(rawValue: try row.decode(forColumn: "phase"))
        else {
            throw DatabaseError(resultCode: .SQLITE_MISMATCH, message: "a job of unknown family or phase")
        }
        number = try row.decode(forColumn: "number")
        key = JobKey(family, try row.decode(forColumn: "id"))
        name = try row.decode(forColumn: "name")
        workflow = try row.decode(forColumn: "workflowName")
        solutionVersion = try row.decode(forColumn: "solutionVersion")
        status = JobStatus(name: try row.decode(forColumn: "status"), phase: phase)
        submitted = Timestamp(milliseconds: try row.decode(forColumn: "submitted"))
        started = try row.decode(Int64?.self, forColumn: "started").map(Timestamp.init(milliseconds:))
        ended = try row.decode(Int64?.self, forColumn: "ended").map(Timestamp.init(milliseconds:))
        updated = Timestamp(milliseconds: try row.decode(forColumn: "updated"))
        expires = try row.decode(Int64?.self, forColumn: "expires").map(Timestamp.init(milliseconds:))
        message = try row.decode(forColumn: "message")
        request = try row.decode(forColumn: "request")
        workflowDocument = try row.decode(forColumn: "workflowDocument")
        metrics = try row.decode(forColumn: "metrics")
        output = try row.decode(forColumn: "output")
        manifest = try row.decode(forColumn: "manifest")
        outcome = try row.decode(String?.self, forColumn: "outcome").map {
            try JobOutcome(json: ByteBuffer(string: $0))
        }
        if let pid = try row.decode(Int32?.self, forColumn: "executorPID"),
            let start = try row.decode(Int64?.self, forColumn: "executorStart"),
            let boot = try row.decode(String?.self, forColumn: "executorBoot")
        {
            executor = ProcessIdentity(pid: pid, start: start, boot: boot)
        }
    }
}
