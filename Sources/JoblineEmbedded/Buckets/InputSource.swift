/// Input of a workflow, from its ARN.
enum InputSource: Sendable, Hashable {
    /// The files of a Glue table.
    case table
    /// Output of the newest successful job of a matching workflow.
    case matchingWorkflow(name: String)

    /// - Throws: `name` for an ARN of an unsupported resource.
    init(arn: String) throws(PathError) {
        let resource = arn.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        let parts = resource.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] == Workflow.Kind.matching.resource {
            self = .matchingWorkflow(name: String(parts[1]))
        } else if parts.first == "idnamespace" {
            throw PathError(.name, "ID namespaces are not supported: name the Glue table itself")
        } else {
            _ = try StatePaths.names(ofTable: arn)
            self = .table
        }
    }
}
