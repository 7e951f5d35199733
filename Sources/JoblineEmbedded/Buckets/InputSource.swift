/// What the ARN of a workflow's input names.
enum InputSource: Sendable, Hashable {
    /// The files of a Glue table.
    case table
    /// What a matching workflow's last job has written.
    case matchingWorkflow(name: String)

    /// - Throws: `name` for an ARN of something that is not to be had here.
    init(arn: String) throws(PathError) {
        let resource = arn.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        let parts = resource.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] == Workflow.Kind.matching.resource {
            self = .matchingWorkflow(name: String(parts[1]))
        } else if parts.first == "idnamespace" {
            throw PathError(.name, "ID namespaces are not to be had here: name the Glue table itself")
        } else {
            _ = try StatePaths.names(ofTable: arn)
            self = .table
        }
    }
}
