package import JoblineBackend
package import SystemPackage

/// Configuration of the embedded services.
package struct EmbeddedConfiguration: Sendable {
    /// Directory of all data of the services; created if it is missing.
    package var stateDirectory: FilePath
    /// Region in ARNs.
    package var region = "us-east-1"
    /// Account in ARNs and names of output directories: 12 digits.
    package var accountID = "000000000000"
    /// Executors at the start of the daemon. A family without an executor refuses new jobs.
    package var executors: [JobFamily: ExecutorConfiguration] = [:]
    /// Time from the submission of a Comprehend Medical job to its expiry. The service does not publish its value.
    package var retention: Duration = .seconds(120 * 86_400)
    /// Maximum size of an input file of a Comprehend Medical job, in bytes. Larger files are not processed. The service's limit
    /// is 40 KB.
    package var comprehendMedicalFileBytes = 40 << 10
    /// Maximum number of Personalize jobs of one kind that are pending or in progress. The service's quota is 5.
    package var personalizeOpenJobs = 5
    /// Maximum number of matching workflows. The service's quota is 10.
    package var matchingWorkflows = 10
    /// Maximum number of ID mapping workflows. The service's quota is 10.
    package var idMappingWorkflows = 10
    /// Whether a workflow with a waiting or running job refuses another job. The service documents this for a running job only.
    package var refusesBusyWorkflows = true
    /// Time from SIGTERM to SIGKILL for executors that are ended.
    package var executorGrace: Duration = .seconds(5)

    /// Maximum number of descriptors of an executor (soft RLIMIT_NOFILE); nil: that of this process.
    package var executorDescriptors: Int?

    /// Whether missing input is created, as a file of a few words: for tests of programs that wait for jobs.
    package var suppliesInput = false

    package init(stateDirectory: FilePath) { self.stateDirectory = stateDirectory }

    var scope: AccountScope { AccountScope(region: region, accountID: accountID) }

    var workflowLimits: WorkflowLimits {
        WorkflowLimits(
            matchingWorkflows: matchingWorkflows, idMappingWorkflows: idMappingWorkflows,
            refusesBusyWorkflows: refusesBusyWorkflows)
    }
}
