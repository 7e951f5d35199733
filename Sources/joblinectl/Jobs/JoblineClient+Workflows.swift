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
}
