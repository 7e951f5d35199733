internal import Jobline

extension JoblineClient {
    /// The names of the workflows that a family's jobs belong to, in the order of the service; none outside Entity Resolution.
    ///
    /// - Parameters:
    ///   - family: The family.
    ///   - count: How many at most.
    func workflows(of family: JobFamily, atMost count: Int) async throws(JoblineError) -> [String] {
        var names: [String] = []
        switch family {
        case .matching:
            for try await workflow in entityResolution.matchingWorkflows(pageSize: min(count, 25)) {
                names.append(workflow.workflowName)
                if names.count == count { break }
            }
        case .idMapping:
            for try await workflow in entityResolution.idMappingWorkflows(pageSize: min(count, 25)) {
                names.append(workflow.workflowName)
                if names.count == count { break }
            }
        default: break
        }
        return names
    }

    /// The jobs of a family that its lists begin with, the newest ones.
    ///
    /// - Parameters:
    ///   - family: The family.
    ///   - count: How many at most; of a family with workflows, of each workflow.
    ///   - maximumWorkflows: Workflows to look into.
    func newestJobs(
        of family: Family, atMost count: Int, workflows maximumWorkflows: Int
    ) async throws(JoblineError) -> [Job] {
        var workflows: [String?] = [nil]
        if family.kind.hasWorkflows {
            workflows = try await self.workflows(of: family.kind, atMost: maximumWorkflows)
        }
        var newest: [Job] = []
        for workflow in workflows {
            let pages = jobs(family.kind, workflow: workflow, pageSize: min(family.maximumPage, count)).pages
            for try await page in pages {
                newest += page.jobs
                break
            }
        }
        return newest
    }
}
