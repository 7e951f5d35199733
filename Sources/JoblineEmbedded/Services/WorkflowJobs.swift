internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// What Entity Resolution's two kinds of workflow, and their jobs, have in common, which is everything but their messages.
struct WorkflowJobs: Sendable {
    /// What a page shows where a request does not say: the most that one may ask for.
    private static let defaultPage = 25

    let queue: JobQueue

    // MARK: Workflows

    /// Keeps a new workflow.
    ///
    /// - Parameter request: The request that makes it.
    func create(_ kind: Workflow.Kind, _ name: String, _ request: some JSONEncodable) async throws -> Workflow {
        let (region, account) = (queue.configuration.region, queue.configuration.accountID)
        let now = queue.now()
        let workflow = Workflow(
            kind: kind, name: name, arn: "arn:aws:entityresolution:\(region):\(account):\(kind.resource)/\(name)",
            document: String(buffer: request.json()), created: now, updated: now)
        let quota = queue.configuration.quota(of: kind)
        switch try await queue.store.insert(workflow, quota: quota) {
        case .inserted: return workflow
        case .nameTaken:
            throw ServiceError(.alreadyExists, "one \(kind.noun) of this name exists", path: "workflowName")
        case .quotaReached:
            throw ServiceError(
                .quota, "there are \(quota) \(kind.noun)s, as many as there may be: delete one",
                quotaName: kind.quotaName, quotaValue: quota)
        }
    }

    /// The workflow of a name, or of an ARN.
    func find(_ kind: Workflow.Kind, _ reference: String) async throws -> Workflow {
        let isARN = reference.hasPrefix("arn:")
        let name = isARN ? reference.split(separator: "/").last.map(String.init) ?? "" : reference
        guard let workflow = try await queue.store.workflow(kind, named: name), !isARN || workflow.arn == reference
        else { throw Self.notFound(kind) }
        return workflow
    }

    /// One page of the workflows, by name.
    func page<Response>(
        _ kind: Workflow.Kind, after token: String?, limit: Int?, _ context: RequestContext,
        _ show: (Workflow) throws -> some JSONEncodable
    ) async throws -> Encoded<Response> {
        try await queue.tokens.page(
            of: [JobFamily.Service.entityResolution.rawValue, kind.rawValue], named: "workflowSummaries", after: token,
            size: PageSize(limit ?? Self.defaultPage, for: context),
            position: { ListPosition(time: $0.created, id: $0.name) },
            fetch: { position, limit in try await queue.store.workflows(kind, after: position?.id, limit: limit) },
            show: show)
    }

    /// Replaces the document of a workflow.
    func update(_ workflow: Workflow, with request: some JSONEncodable) async throws -> Workflow {
        var workflow = workflow
        workflow.document = String(buffer: request.json())
        workflow.updated = queue.now()
        guard try await queue.store.update(workflow) else { throw Self.notFound(workflow.kind) }
        return workflow
    }

    /// Removes a workflow with its jobs.
    ///
    /// - Returns: What to tell the caller.
    func delete(_ kind: Workflow.Kind, _ name: String) async throws -> String {
        guard let removed = try await queue.store.deleteWorkflow(kind, named: name) else {
            throw ServiceError(.conflict, "the workflow has a job that has not ended", path: "workflowName")
        }
        for key in removed { queue.changes.tell(key, .removal) }
        return "there is no \(kind.noun) of this name any more"
    }

    private static func notFound(_ kind: Workflow.Kind) -> ServiceError {
        ServiceError(.notFound, "no \(kind.noun) has this name", path: "workflowName")
    }

    // MARK: Jobs

    /// Takes a job of a workflow in.
    ///
    /// - Parameters:
    ///   - document: The workflow as it is now.
    ///   - output: The folder in which the job gets one of its own.
    ///   - member: The member that names the folder.
    /// - Returns: The job's id.
    func start(
        _ workflow: Workflow, document: some JSONEncodable, request: some JSONEncodable, output: String,
        named member: String
    ) async throws -> String {
        let id = queue.makeID()
        let location = try naming(member) { () throws(PlaceError) in try ObjectLocation(uri: output).directory(id) }
        let family = workflow.kind.family
        let job = NewJob(
            key: JobReference(family, id), submitted: queue.now(), request: String(buffer: request.json()),
            workflowDocument: String(buffer: document.json()), output: location.uri)
        var admission = AdmissionConditions()
        admission.workflow = workflow.number
        admission.refusesBusyWorkflow = queue.configuration.refusesBusyWorkflows
        admission.hasExecutor = queue.executors[family] != nil
        switch try await queue.admit(job, admission) {
        case .admitted: return id
        case .workflowBusy:
            throw ServiceError(.conflict, "the workflow has a job that has not ended", path: "workflowName")
        case .workflowGone: throw Self.notFound(workflow.kind)
        case .noExecutor: throw queue.missingExecutor(family)
        case .repeated, .tokenTaken, .nameTaken, .quotaReached:
            throw ServiceError(.failed, "the store answered what it cannot answer here")
        }
    }

    /// A job of the workflow of a name or an ARN.
    func job(_ kind: Workflow.Kind, _ id: String, of reference: String) async throws -> Job {
        let job = try await queue.store.job(JobReference(kind.family, id), now: queue.now())
        if let job, job.workflow == reference { return job }
        // The reference is an ARN, or something in the request is wrong.
        let workflow = try await find(kind, reference)
        guard let job, job.workflow == workflow.name else {
            throw ServiceError(.notFound, "the workflow has no job with this id", path: "jobId")
        }
        return job
    }

    /// One page of the jobs of a workflow, the newest first.
    func jobs<Response>(
        _ kind: Workflow.Kind, of reference: String, after token: String?, limit: Int?, _ context: RequestContext,
        _ show: (Job) throws -> some JSONEncodable
    ) async throws -> Encoded<Response> {
        let workflow = try await find(kind, reference)
        var query = JobQuery(family: kind.family)
        query.workflow = workflow.number
        let list = [JobFamily.Service.entityResolution.rawValue, kind.family.rawValue, "\(workflow.number)"]
        return try await queue.page(
            query, of: list, named: "jobs", after: token, size: PageSize(limit ?? Self.defaultPage, for: context), show)
    }
}
