internal import Crypto
internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// The jobs and workflows of the embedded services.
///
/// Every operation is one transaction: it takes effect completely or not at all. A change that an operation has returned from
/// survives the end of the process and loss of power.
///
/// Operations are `async` for stores behind a network. A store that can read without waiting does so on the calling thread.
protocol JobStore: AnyObject, Sendable {
    // MARK: The queue

    /// Adds a job to the queue if no condition, checked in the same transaction, is against it.
    func admit(_ job: NewJob, _ conditions: AdmissionConditions) async throws -> AdmissionOutcome

    /// Marks the first waiting job of a family as running on this daemon and returns it; nil if none waits.
    ///
    /// - Parameter ids: Candidates; nil: all jobs of the family.
    func claim(_ family: JobFamily, among ids: Set<String>?, now: Timestamp) async throws -> Job?

    /// Records the process that will run a job.
    ///
    /// - Returns: The job as it is now: it may have been stopped in the meantime. Nil if there is none.
    func recordExecutor(_ executor: ProcessIdentity, of key: JobReference) async throws -> Job?

    /// Records how a run ended, before its output is published. From then on the job ends that way.
    ///
    /// - Parameter job: The job as it was when its output was prepared: its status decides how the job ends.
    /// - Returns: False if a stop in the meantime makes the job end in another way; nothing is recorded then.
    func recordOutcome(_ outcome: JobOutcome, of job: Job) async throws -> Bool

    /// Ends a job.
    ///
    /// - Returns: The job as it is now; nil if there is none.
    func finish(_ key: JobReference, _ outcome: JobOutcome, now: Timestamp) async throws -> Job?

    /// Puts a running job back to its place in the queue. A job that is being stopped keeps its status.
    ///
    /// - Returns: The job as it is now; nil if there is none.
    func requeue(_ key: JobReference, now: Timestamp) async throws -> Job?

    /// Marks a job as being stopped.
    ///
    /// - Returns: The job as it is now, and whether its status changed; nil if there is no such job.
    func requestStop(_ key: JobReference, now: Timestamp) async throws -> (job: Job, changed: Bool)?

    /// Returns the jobs of a family that were stopped before an executor had them.
    func jobsStoppedInQueue(_ family: JobFamily) async throws -> [Job]

    /// Identity of this daemon, by which its claims are known.
    var daemon: DaemonID { get }

    /// Returns the jobs of a family that a daemon has claimed and not ended: after a restart, the interrupted ones.
    func interruptedJobs(of daemon: DaemonID, in family: JobFamily) async throws -> [Job]

    /// Returns the number of waiting jobs of each family.
    func waitingJobs() async throws -> [JobFamily: Int]

    // MARK: Jobs

    /// Returns a job; nil if there is none or it has expired.
    func job(_ key: JobReference, now: Timestamp) async throws -> Job?

    /// Returns those of the jobs that exist and have not expired, all read from one snapshot.
    func jobs(_ keys: [JobReference], now: Timestamp) async throws -> [JobReference: Job]

    /// Returns at most `limit` jobs that match a query and have not expired.
    func jobs(_ query: JobQuery, limit: Int, now: Timestamp) async throws -> [Job]

    /// Returns a job as JSON; nil if there is none or it has expired.
    func describe(_ key: JobReference, now: Timestamp, as encode: JobEncoder) async throws -> EncodedJob?

    /// Returns one page of the jobs that match a query and have not expired, as JSON.
    ///
    /// - Parameters:
    ///   - size: Limits of the page.
    ///   - arrival: Time at which the request arrived.
    func list(
        _ query: JobQuery, size: PageSize, now: Timestamp, arrival: ContinuousClock.Instant, as format: JobPageFormat
    ) async throws -> ByteBuffer

    /// Key of the authentication code of page tokens, the same for all daemons that share the store.
    func pageTokenKey() throws(StateError) -> SymmetricKey

    // MARK: Workflows

    /// Adds a workflow, unless its name is taken or the quota is reached.
    ///
    /// - Parameter quota: Maximum number of workflows of the kind.
    func insert(_ workflow: Workflow, quota: Int) async throws -> WorkflowInsertion

    /// Replaces a workflow's document and the time of its last change.
    ///
    /// - Returns: False if the workflow does not exist any more.
    func update(_ workflow: Workflow) async throws -> Bool

    /// Removes a workflow with its jobs, unless one of them has not ended. An unknown workflow counts as removed.
    ///
    /// - Returns: The removed jobs; nil if a job has not ended.
    func deleteWorkflow(_ kind: Workflow.Kind, named name: String) async throws -> [JobReference]?

    /// Returns the workflow of a name; nil if there is none.
    func workflow(_ kind: Workflow.Kind, named name: String) async throws -> Workflow?

    /// Returns at most `limit` workflows, ordered by name.
    ///
    /// - Parameter name: Name of the last workflow of the page before; nil for the first page.
    func workflows(_ kind: Workflow.Kind, after name: String?, limit: Int) async throws -> [Workflow]

    /// Returns the output URI of the newest succeeded job of a matching workflow; nil if no job succeeded.
    func newestOutput(ofMatchingWorkflow name: String) async throws -> String?

    // MARK: Expiry

    /// Removes ended jobs that have expired, the earliest expiry first.
    ///
    /// - Parameter limit: Maximum number of jobs, so that other writers do not wait long.
    /// - Returns: The removed jobs; fewer than `limit` if no expired job is left.
    func removeExpired(now: Timestamp, limit: Int) async throws -> [JobReference]

    /// Returns the earliest expiry of the ended jobs; nil if none expires.
    func firstExpiry() async throws -> Timestamp?

    /// Returns those of the jobs that are stored, expired or not.
    func storedJobs(among jobs: Set<ShortJobReference>) async throws -> Set<ShortJobReference>

    // MARK: Operation

    /// Reads from the database.
    func checkReading() async throws

    /// Checks that the database takes writes. Writes only if the last write failed or one is under way.
    func checkWriting() async throws

    /// Counts of writes and commits since the start.
    var statistics: Sidecar.StoreStatistics { get }

    /// Adds an observer of changed and removed jobs.
    func observeRecords(_ observer: any RecordObserver)

    /// Closes the database: every operation fails from then on.
    func close()
}

/// Reference to a job by the id that executors and directories use.
struct ShortJobReference: Sendable, Hashable {
    var family: JobFamily
    /// See `JobReference.shortID`.
    var id: String
}
