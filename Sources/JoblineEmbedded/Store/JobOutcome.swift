/// How a run ended, and what there is to publish of it.
struct JobOutcome: Sendable, Hashable {
    /// What the end means to the job's status.
    var event: JobEvent
    /// Message, failureReason or errorMessage.
    var message: String?
    /// The metrics that the executor reported, as JSON.
    var metrics: String?
    /// The key that the manifest has once it is published.
    var manifest: String?
    /// The version of the model that worked on the job.
    var modelVersion: String?

    /// Whether there is work to publish.
    var isSuccess: Bool { event == .succeeded || event == .partlySucceeded }

    init(
        _ event: JobEvent, message: String? = nil, metrics: String? = nil, manifest: String? = nil,
        modelVersion: String? = nil
    ) {
        self.event = event
        self.message = message
        self.metrics = metrics
        self.manifest = manifest
        self.modelVersion = modelVersion
    }
}
