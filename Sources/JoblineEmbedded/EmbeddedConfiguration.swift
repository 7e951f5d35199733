package import JoblineBackend
package import SystemPackage

/// What the embedded services can be told.
package struct EmbeddedConfiguration: Sendable {
    /// Holds everything that the services know; made if it is missing.
    package var stateDirectory: FilePath
    /// The region in ARNs.
    package var region = "us-east-1"
    /// The account in ARNs and in the names of output directories: 12 digits.
    package var accountID = "000000000000"
    /// Executors at the start of the daemon. A family without one refuses new jobs.
    package var executors: [JobFamily: ExecutorConfiguration] = [:]
    /// How long a Comprehend Medical job is shown after its submission. The service does not publish its own time.
    package var retention: Duration = .seconds(120 * 86_400)
    /// Bytes of one input file of a Comprehend Medical job at most; larger ones are left unprocessed. The service says 40 KB.
    package var comprehendMedicalFileBytes = 40 << 10
    /// How many Personalize jobs of one kind may be pending or in progress. The service allows 5.
    package var personalizeOpenJobs = 5
    /// How many matching workflows there may be. The service allows 10.
    package var matchingWorkflows = 10
    /// Maximum number of ID mapping workflows. The service's quota is 10.
    package var idMappingWorkflows = 10
    /// Whether a workflow that has a job waiting or running refuses another one. What the service does is not published
    /// beyond the running one.
    package var refusesBusyWorkflows = true
    /// From SIGTERM to SIGKILL for executors that are ended.
    package var executorGrace: Duration = .seconds(5)

    /// Descriptors that an executor may have (soft RLIMIT_NOFILE); nil: as many as this process.
    package var executorDescriptors: Int?

    /// Whether input that is missing is made up: a few words in a file, for tests of programs that wait for jobs.
    package var suppliesInput = false

    package init(stateDirectory: FilePath) { self.stateDirectory = stateDirectory }

    /// Returns the maximum number of workflows of a kind.
    func quota(of kind: Workflow.Kind) -> Int {
        switch kind {
        case .matching: matchingWorkflows
        case .idMapping: idMappingWorkflows
        }
    }
}
