/// Limits of workflows and of their jobs.
struct WorkflowLimits: Sendable, Hashable {
    var matchingWorkflows: Int
    var idMappingWorkflows: Int
    /// Whether a workflow may have only one job that waits or runs.
    var refusesBusyWorkflows: Bool

    /// Returns the maximum number of workflows of a kind.
    func quota(of kind: Workflow.Kind) -> Int {
        switch kind {
        case .matching: matchingWorkflows
        case .idMapping: idMappingWorkflows
        }
    }
}
