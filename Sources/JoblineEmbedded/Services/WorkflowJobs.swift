internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// The operations of both kinds of Entity Resolution workflow and of their jobs: they differ only in their messages.
struct WorkflowJobs: Sendable {
    /// Page size without maxResults, which is also the maximum.
    private static let defaultPage = 25

    let queue: JobQueue
    let store: any JobStore
    let lists: JobLists
    let tokens: PageTokens
    let changes: JobChanges
    let scope: AccountScope
    let limits: WorkflowLimits
    let now: @Sendable () -> Timestamp
    let makeID: @Sendable () -> String

    // MARK: Workflows

    /// Creates a workflow.
    ///
    /// - Parameter request: Create request.
    func create(_ kind: Workflow.Kind, _ name: String, _ request: some JSONEncodable) async throws -> Workflow {
        let now = now()
        let workflow = Workflow(
            kind: kind, name: name, arn: scope.arn("entityresolution", "\(kind.resource)/\(name)"),
            document: String(buffer: request.json()), created: now, updated: now)
        let quota = limits.quota(of: kind)
        switch try await store.insert(workflow, quota: quota) {
        case .inserted: return workflow
        case .nameTaken:
            throw ServiceError(.alreadyExists, "one \(kind.noun) of this name exists", path: "workflowName")
        case .quotaReached:
            throw ServiceError(
                .quota, "there are \(quota) \(kind.noun)s, the maximum: delete one",
                quotaName: kind.quotaName, quotaValue: quota)
        }
    }

    /// Returns the workflow of a name or an ARN.
    func find(_ kind: Workflow.Kind, _ reference: String) async throws -> Workflow {
        let isARN = reference.hasPrefix("arn:")
        let name = isARN ? reference.split(separator: "/").last.map(String.init) ?? "" : reference
        guard let workflow = try await store.workflow(kind, named: name), !isARN || workflow.arn == reference
        else { throw Self.notFound(kind) }
        return workflow
    }

    /// Returns one page of the workflows, ordered by name.
    func page<Response>(
        _ kind: Workflow.Kind, after token: String?, limit: Int?, _ context: RequestContext,
        _ show: (Workflow) throws -> some JSONEncodable
    ) async throws -> Encoded<Response> {
        try await tokens.page(
            of: [JobFamily.Service.entityResolution.rawValue, kind.rawValue], named: "workflowSummaries", after: token,
            size: PageSize(limit ?? Self.defaultPage, for: context),
            position: { ListPosition(time: $0.created, id: $0.name) },
            fetch: { position, limit in try await store.workflows(kind, after: position?.id, limit: limit) },
            show: show)
    }

    /// Replaces the document of a workflow.
    func update(_ workflow: Workflow, with request: some JSONEncodable) async throws -> Workflow {
        var workflow = workflow
        workflow.document = String(buffer: request.json())
        workflow.updated = now()
        guard try await store.update(workflow) else { throw Self.notFound(workflow.kind) }
        return workflow
    }

    /// Deletes a workflow with its jobs.
    ///
    /// - Returns: Message for the caller.
    func delete(_ kind: Workflow.Kind, _ name: String) async throws -> String {
        guard let removed = try await store.deleteWorkflow(kind, named: name) else {
            throw ServiceError(.conflict, "the workflow has a job that has not ended", path: "workflowName")
        }
        for key in removed { changes.tell(key, .removal) }
        return "there is no \(kind.noun) of this name any more"
    }

    private static func notFound(_ kind: Workflow.Kind) -> ServiceError {
        ServiceError(.notFound, "no \(kind.noun) has this name", path: "workflowName")
    }

    // MARK: Jobs

    /// Starts a job of a workflow.
    ///
    /// - Parameters:
    ///   - document: Current document of the workflow.
    ///   - output: Folder in which the job gets its own folder.
    ///   - member: Request member of the folder, for errors.
    /// - Returns: The id of the job.
    func start(
        _ workflow: Workflow, document: some JSONEncodable, request: some JSONEncodable, output: String,
        named member: String
    ) async throws -> String {
        let id = makeID()
        let location = try mapPathErrors(member) { () throws(PathError) in
            try ObjectLocation(uri: output).directory(id)
        }
        let family = workflow.kind.family
        let job = NewJob(
            key: JobReference(family, id), submitted: now(), request: String(buffer: request.json()),
            workflowDocument: String(buffer: document.json()), output: location.uri)
        var conditions = AdmissionConditions()
        conditions.workflow = workflow.number
        conditions.refusesBusyWorkflow = limits.refusesBusyWorkflows
        switch try await queue.admit(job, conditions) {
        case .admitted: return id
        case .workflowBusy:
            throw ServiceError(.conflict, "the workflow has a job that has not ended", path: "workflowName")
        case .workflowGone: throw Self.notFound(workflow.kind)
        case .noExecutor, .repeated, .tokenTaken, .nameTaken, .quotaReached:
            throw ServiceError(.failed, "unexpected response of the store")
        }
    }

    /// Returns a job of the workflow with a name or an ARN.
    func job(_ kind: Workflow.Kind, _ id: String, of reference: String) async throws -> Job {
        let job = try await store.job(JobReference(kind.family, id), now: now())
        if let job, job.workflow == reference { return job }
        // The reference is an ARN or wrong.
        let workflow = try await find(kind, reference)
        guard let job, job.workflow == workflow.name else {
            throw ServiceError(.notFound, "the workflow has no job with this id", path: "jobId")
        }
        return job
    }

    /// Returns one page of the jobs of a workflow, the newest first.
    func jobs<Response>(
        _ kind: Workflow.Kind, of reference: String, after token: String?, limit: Int?, _ context: RequestContext,
        _ show: (Job) throws -> some JSONEncodable
    ) async throws -> Encoded<Response> {
        let workflow = try await find(kind, reference)
        var query = JobQuery(family: kind.family)
        query.workflow = workflow.number
        let list = [JobFamily.Service.entityResolution.rawValue, kind.family.rawValue, "\(workflow.number)"]
        return try await lists.page(
            query, of: list, named: "jobs", after: token, size: PageSize(limit ?? Self.defaultPage, for: context), show)
    }
}
