internal import JoblineBackend
internal import JoblineProtocol

/// Filter and order of a list of jobs.
struct JobQuery: Sendable {
    /// Order of submission; ids break ties.
    enum Order: Sendable, Hashable { case oldestFirst, newestFirst }

    var family: JobFamily
    var name: String?
    var status: String?
    var solutionVersion: String?
    /// Number of a workflow.
    var workflow: Int64?
    /// Exclusive upper bound.
    var submittedBefore: Timestamp?
    /// Exclusive lower bound.
    var submittedAfter: Timestamp?
    var order = Order.newestFirst
    /// Position of the last job of the page before.
    var position: ListPosition?

    init(family: JobFamily) { self.family = family }
}
