public import JoblineProtocol

extension Job {
    /// A page of a list of jobs.
    public struct Page: Sendable, Hashable {
        /// The jobs, in the order of the service.
        public var jobs: [Job]
        /// Where the next page begins; nil after the last one.
        public var nextToken: String?

        /// A page.
        ///
        /// - Parameters:
        ///   - jobs: The jobs.
        ///   - nextToken: Where the next page begins.
        public init(jobs: [Job], nextToken: String? = nil) {
            self.jobs = jobs
            self.nextToken = nextToken
        }
    }

    /// Which jobs of a family to list; the services take one condition at a time.
    public enum Filter: Sendable, Hashable {
        /// Those of this name; of Comprehend Medical.
        case name(String)
        /// Those of this status; of Comprehend Medical.
        case status(ComprehendMedical.JobStatus)
        /// Those submitted before this time, oldest first; of Comprehend Medical.
        case submittedBefore(Timestamp)
        /// Those submitted after this time, newest first; of Comprehend Medical.
        case submittedAfter(Timestamp)
        /// Those that use this trained model; of Personalize.
        case solutionVersion(arn: String)
    }
}
