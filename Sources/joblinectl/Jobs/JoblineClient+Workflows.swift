internal import Jobline

extension JoblineClient {
    /// Returns the names of the workflows of a family in the order of the service; empty for families without
    /// workflows.
    ///
    /// - Parameters:
    ///   - family: The family.
    ///   - count: Maximum number of names.
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

    /// Returns the newest jobs of a family.
    ///
    /// - Parameters:
    ///   - family: The family.
    ///   - count: Maximum number of jobs; of each workflow, if the family has workflows.
    ///   - maximumWorkflows: Maximum number of workflows to search.
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
