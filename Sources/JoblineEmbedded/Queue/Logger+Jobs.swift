internal import JoblineBackend
internal import Logging

extension Logger {
    func error(_ message: Logger.Message, _ job: Job, _ more: Metadata = [:]) {
        error(message, metadata: job.logMetadata.merging(more) { $1 })
    }

    func warning(_ message: Logger.Message, _ job: Job) { warning(message, metadata: job.logMetadata) }

    func notice(_ message: Logger.Message, _ job: Job, _ more: Metadata = [:]) {
        notice(message, metadata: job.logMetadata.merging(more) { $1 })
    }

    /// Logs an error that a step of a job ended with.
    func stepFailed(_ job: Job, _ cause: any Error) { error("job step failed", job, ["error": "\(cause.logText)"]) }
}

extension Job {
    fileprivate var logMetadata: Logger.Metadata { ["job": "\(logID)", "family": "\(key.family)"] }
}
