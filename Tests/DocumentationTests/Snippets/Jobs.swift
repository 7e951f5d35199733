import Jobline

/// The code of the articles about jobs of any service, lists, watching, and of "Coming from Soto or boto3".
enum Jobs {
    static func references(jobID: String, arn: String) {
        let references: [JobReference] = [
            .comprehendMedical(.rxNormInference, jobID),
            .batchSegment(arn: arn),
            .matching(workflow: "people", jobID: jobID),
        ]
        print(references)
    }

    static func describe(_ client: JoblineClient, _ reference: JobReference) async throws {
        let job = try await client.job(reference)
        print(job.service ?? "", job.family.rawValue, job.id, job.name ?? "", job.state)
        print(job.submitted?.description ?? "", job.ended?.description ?? "", job.message ?? "")
    }

    static func handle(_ job: Job) {
        switch job.state {
        case .queued, .running, .stopping: print("going on")
        case .succeeded: print("there is a result")
        case .partial: print("there is a result, with gaps")
        case .failed, .stopped: print("there is none: \(job.message ?? "")")
        case .gone: print("nobody knows of it any more")
        default: print("a state that came with a newer daemon: \(job.state.rawValue)")
        }
    }

    static func original(_ job: Job) {
        switch job.original {
        case .comprehendMedical(let job): print(job.manifestFilePath ?? "")
        case .batchSegment(let job): print(job.numResults ?? 0)
        case .matching(let job): print(job.metrics?.matchIDs ?? 0)
        default: break
        }
    }

    static func compare(_ client: JoblineClient, id: String) async throws {
        let response = try await client.comprehendMedical.describeICD10CMInferenceJob(jobID: id)
        print(response.jobProperties?.jobStatus == .completed)
    }

    static func list(_ client: JoblineClient) async throws {
        for try await job in client.comprehendMedical.rxNormInferenceJobs(filter: .init(jobStatus: .failed)) {
            print(job.jobID ?? "", job.message ?? "")
        }
    }

    static func listAny(_ client: JoblineClient) async throws {
        for try await job in client.jobs(.matching, workflow: "people") {
            print(job.id, job.state)
        }
    }

    static func listAll(_ client: JoblineClient) async throws {
        for family in JobFamily.known where !family.hasWorkflows {
            for try await job in client.jobs(family) { print(job.reference, job.state) }
        }
        for try await workflow in client.entityResolution.matchingWorkflows() {
            for try await job in client.jobs(.matching, workflow: workflow.workflowName) {
                print(job.reference, job.state)
            }
        }
    }

    static func pages(_ client: JoblineClient) async throws {
        for try await page in client.personalize.batchSegmentJobs(pageSize: 20).pages {
            print(page.batchSegmentJobs?.count ?? 0)
        }
    }

    static func watch(_ client: JoblineClient, _ references: [JobReference]) async throws {
        for try await job in client.watch(references) {
            print(job.id, job.state, job.progress ?? 0)
        }
        print("all of them have ended")
    }

    static func waitForAll(_ client: JoblineClient, _ references: [JobReference]) async throws {
        let ended = try await client.waitUntilTerminal(references, options: .init(timeout: .seconds(3600)))
        let failed = ended.filter { $0.state != .succeeded }
        print("\(failed.count) of \(ended.count) did not succeed")
    }

    static func dashboard(_ client: JoblineClient, _ references: [JobReference]) async throws {
        for try await job in client.watch(references, until: nil) {
            print(job.id, job.state)
        }
    }
}
