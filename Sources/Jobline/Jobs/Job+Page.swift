public import JoblineProtocol

extension Job {
    /// A page of a list of jobs.
    public struct Page: Sendable, Hashable {
        /// The jobs, in the order of the service.
        public var jobs: [Job]
        /// Token of the next page; nil after the last one.
        public var nextToken: String?

        /// Creates a page.
        ///
        /// - Parameters:
        ///   - jobs: The jobs.
        ///   - nextToken: Token of the next page.
        public init(jobs: [Job], nextToken: String? = nil) {
            self.jobs = jobs
            self.nextToken = nextToken
        }
    }

    /// Filter of a list of jobs; the services accept one condition at a time.
    public enum Filter: Sendable, Hashable {
        /// Jobs with this name; Comprehend Medical only.
        case name(String)
        /// Jobs with this status; Comprehend Medical only.
        case status(ComprehendMedical.JobStatus)
        /// Jobs submitted before this time, oldest first; Comprehend Medical only.
        case submittedBefore(Timestamp)
        /// Jobs submitted after this time, newest first; Comprehend Medical only.
        case submittedAfter(Timestamp)
        /// Jobs that use this trained model; Personalize only.
        case solutionVersion(arn: String)
    }
}
