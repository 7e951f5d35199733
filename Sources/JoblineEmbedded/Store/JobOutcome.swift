/// Outcome of a run.
struct JobOutcome: Sendable, Hashable {
    /// Event that ends the job.
    var event: JobEvent
    /// Message for callers: Message, failureReason or errorMessage.
    var message: String?
    /// Metrics that the executor reported, as JSON.
    var metrics: String?
    /// Key of the manifest, once it is published.
    var manifest: String?
    /// Version of the model that processed the job.
    var modelVersion: String?

    /// Whether the run has output to publish.
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
