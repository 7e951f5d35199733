internal import JoblineBackend
internal import JoblineProtocol

/// Which jobs a list shows, and in what order.
struct JobQuery: Sendable {
    /// The order of submission, in which ids break ties.
    enum Order: Sendable, Hashable { case oldestFirst, newestFirst }

    var family: JobFamily
    var name: String?
    var status: String?
    var solutionVersion: String?
    /// The number of a workflow.
    var workflow: Int64?
    /// Strictly before.
    var submittedBefore: Timestamp?
    /// Strictly after.
    var submittedAfter: Timestamp?
    var order = Order.newestFirst
    /// The last job of the page before.
    var position: ListPosition?

    init(family: JobFamily) { self.family = family }
}
