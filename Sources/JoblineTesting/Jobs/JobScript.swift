internal import Jobline

/// What becomes of the jobs of a kind without a test saying it job by job.
public struct JobScript: Sendable {
    /// How a job ends.
    public enum Outcome: Sendable, Hashable {
        /// With all of its input processed.
        case succeeded
        /// With some of its input left out; Comprehend Medical only, elsewhere it is a success.
        case partial
        /// Without result, and why.
        case failed(String)
    }

    /// nil: jobs wait in their queue until a test runs them.
    let play: (@Sendable (TestJob) async throws -> Void)?

    /// Jobs wait in their queue until a test runs them.
    public static let held = JobScript(play: nil)

    /// Jobs end as soon as it is their turn.
    ///
    /// - Parameter outcome: How they end.
    public static func immediately(_ outcome: Outcome) -> JobScript {
        JobScript { job in
            switch outcome {
            case .succeeded: try await job.succeed()
            case .partial: try await job.partial()
            case .failed(let message): try await job.fail(message)
            }
        }
    }

    /// Jobs run through a closure, from the moment at which it is their turn. One that it has not ended when it returns succeeds;
    /// one in which it throws fails.
    ///
    /// - Parameter body: What the job does. Its task is cancelled where the job is stopped.
    public static func run(_ body: @escaping @Sendable (TestJob) async throws -> Void) -> JobScript {
        JobScript(play: body)
    }
}
