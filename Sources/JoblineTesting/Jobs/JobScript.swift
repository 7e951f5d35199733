internal import Jobline

/// Behavior of all jobs of a family.
public struct JobScript: Sendable {
    /// Outcome of a job.
    public enum Outcome: Sendable, Hashable {
        /// All input is processed.
        case succeeded
        /// Some input is left unprocessed. Comprehend Medical only; jobs of other services fail.
        case partial
        /// The job fails with a message.
        case failed(String)
    }

    /// Body of the job; nil holds jobs in the queue until a test runs them.
    let play: (@Sendable (TestJob) async throws -> Void)?

    /// Holds jobs in the queue until a test runs them.
    public static let held = JobScript(play: nil)

    /// Ends jobs as soon as they leave the queue.
    ///
    /// - Parameter outcome: Outcome of the jobs.
    public static func immediately(_ outcome: Outcome) -> JobScript {
        JobScript { job in
            switch outcome {
            case .succeeded: try await job.succeed()
            case .partial: try await job.partial()
            case .failed(let message): try await job.fail(message)
            }
        }
    }

    /// Runs a closure for each job that leaves the queue.
    ///
    /// A job that has not ended when the closure returns succeeds. If the closure throws, the job fails.
    ///
    /// - Parameter body: Body of the job. Its task is cancelled when the job is stopped.
    public static func run(_ body: @escaping @Sendable (TestJob) async throws -> Void) -> JobScript {
        JobScript(play: body)
    }
}
