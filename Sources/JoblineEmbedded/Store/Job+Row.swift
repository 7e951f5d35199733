internal import GRDB
internal import JoblineProtocol
internal import NIOCore

extension Job: FetchableRecord {
    /// What ``init(row:)`` reads, for the head of a query; `job` is joined with its `workflow`.
    static let selection = """
        SELECT job.*, workflow.name AS workflowName FROM job LEFT JOIN workflow ON workflow.number = job.workflow
        """

    init(row: Row) throws {
        let familyName: String = row["family"]
        let phaseName: String = row["phase"]
        guard let family = JobFamily(rawValue: familyName), let phase = JobPhase(rawValue: phaseName) else {
            throw DatabaseError(resultCode: .SQLITE_MISMATCH, message: "a job of unknown family or phase")
        }
        number = row["number"]
        key = JobKey(family, row["id"])
        name = row["name"]
        workflow = row["workflowName"]
        solutionVersion = row["solutionVersion"]
        status = JobStatus(name: row["status"], phase: phase)
        submitted = Timestamp(milliseconds: row["submitted"])
        started = (row["started"] as Int64?).map(Timestamp.init(milliseconds:))
        ended = (row["ended"] as Int64?).map(Timestamp.init(milliseconds:))
        updated = Timestamp(milliseconds: row["updated"])
        expires = (row["expires"] as Int64?).map(Timestamp.init(milliseconds:))
        message = row["message"]
        request = row["request"]
        workflowDocument = row["workflowDocument"]
        metrics = row["metrics"]
        output = row["output"]
        manifest = row["manifest"]
        outcome = try (row["outcome"] as String?).map { try JobOutcome(json: ByteBuffer(string: $0)) }
        if let pid: Int32 = row["executorPID"], let start: Int64 = row["executorStart"],
            let boot: String = row["executorBoot"]
        {
            executor = ProcessIdentity(pid: pid, start: start, boot: boot)
        }
    }
}
