internal import Jobline

extension Family {
    /// Batch jobs of Amazon Personalize.
    static let personalize = [
        personalize(.batchSegment, "finds the users with the most interest in given items") { job, client in
            let response = try await client.personalize.createBatchSegmentJob(
                jobName: job.name, solutionVersionARN: job.solution, jobInput: job.input, jobOutput: job.output,
                roleARN: job.role, filterARN: job.filter, numResults: job.numResults)
            return response.reference
        },
        personalize(.batchInference, "finds items for given users, or items like given items") { job, client in
            let response = try await client.personalize.createBatchInferenceJob(
                jobName: job.name, solutionVersionARN: job.solution, jobInput: job.input, jobOutput: job.output,
                roleARN: job.role, filterARN: job.filter, numResults: job.numResults)
            return response.reference
        },
    ]

    /// Parameters of a new job that both families share.
    private struct NewBatchJob: Sendable {
        let name: String
        let solution: String
        let input: Personalize.BatchJobInput
        let output: Personalize.BatchJobOutput
        let role: String
        let filter: String?
        let numResults: Int?

        /// Default trained model; an executor on this host does not need one.
        private static let defaultSolution = "arn:aws:personalize:us-east-1:000000000000:solution/local/1"

        init(_ arguments: StartArguments) {
            name = arguments.text(.name)
            solution = arguments[.solution] ?? Self.defaultSolution
            input = Personalize.BatchJobInput(s3DataSource: Personalize.S3DataConfig(path: arguments.text(.input)))
            output = Personalize.BatchJobOutput(
                s3DataDestination: Personalize.S3DataConfig(path: arguments.text(.output)))
            role = arguments.role
            filter = arguments[.filter]
            numResults = arguments[.numResults].flatMap { Int($0) }
        }
    }

    private static func personalize(
        _ kind: JobFamily, _ summary: String,
        create: @escaping @Sendable (NewBatchJob, JoblineClient) async throws -> JobReference
    ) -> Family {
        Family(
            kind: kind, summary: summary, example: "\(kind.rawValue) --name n --input s3://in/ --output s3://out/",
            required: [.name, .input, .output], optional: [.solution, .numResults, .filter, .role],
            statuses: Personalize.JobStatus.known.map { Status(word: $0.rawValue, state: JobState($0)) },
            maximumPage: 100
        ) { arguments, client in try await create(NewBatchJob(arguments), client) }
    }
}
