internal import GRDB
internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

extension Job {
    /// Fetches the jobs of a query whose head is ``JobRow/whole``.
    static func fetchAll(_ statement: Statement, arguments: StatementArguments) throws -> [Job] {
        let row = JobRow(of: statement)
        return try Array(Int64.fetchCursor(statement, arguments: arguments).map { _ in try Job(row) })
    }

    /// Fetches the first job of a query whose head is ``JobRow/whole``; nil if there is none.
    static func fetchOne(_ statement: Statement, arguments: StatementArguments) throws -> Job? {
        let row = JobRow(of: statement)
        return try Int64.fetchCursor(statement, arguments: arguments).map { _ in try Job(row) }.next()
    }

    /// - Throws: If the file is damaged, so that a value is missing or unknown.
    private init(_ row: JobRow) throws {
        let family = try row.required(.family, row.text(.family).flatMap(JobFamily.init(rawValue:)))
        let phase = try row.required(.phase, row.text(.phase).flatMap(JobPhase.init(rawValue:)))
        number = try row.required(.number, row.integer(.number))
        key = JobReference(family, try row.required(.id, row.text(.id)))
        name = row.text(.name)
        workflow = row.text(.workflowName)
        solutionVersion = row.text(.solutionVersion)
        status = JobStatus(name: try row.required(.status, row.text(.status)), phase: phase)
        submitted = try row.required(.submitted, row.time(.submitted))
        started = row.time(.started)
        ended = row.time(.ended)
        updated = try row.required(.updated, row.time(.updated))
        expires = row.time(.expires)
        message = row.text(.message)
        request = try row.required(.request, row.text(.request))
        workflowDocument = row.text(.workflowDocument)
        metrics = row.text(.metrics)
        output = try row.required(.output, row.text(.output))
        manifest = row.text(.manifest)
        modelVersion = row.text(.modelVersion)
        outcome = try row.text(.outcome).map { try JobOutcome(json: ByteBuffer(string: $0)) }
        if let pid = row.integer(.executorPID).flatMap(Int32.init(exactly:)), let start = row.integer(.executorStart),
            let boot = row.text(.executorBoot)
        {
            executor = ProcessIdentity(pid: pid, start: start, boot: boot)
        }
    }
}
