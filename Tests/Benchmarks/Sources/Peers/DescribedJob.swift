internal import ArgumentParser
internal import Foundation

/// Options of a server that has jobs.
struct JobOptions: ParsableArguments {
    @Option(help: "Where to listen.")
    var socket: String

    @Option(help: "The jobs: one on each line, as describe answers with it.")
    var jobs: String

    /// - Parameter value: What to keep of a job: its line and what that says.
    func byID<Value>(_ value: (Substring, DescribedJob) -> Value) throws -> [String: Value] {
        let lines = try String(contentsOfFile: jobs, encoding: .utf8).split(separator: "\n")
        let values = try lines.map { line in
            let described = try JSONDecoder().decode(DescribedJob.self, from: Data(line.utf8))
            return (described.job.JobId, value(line, described))
        }
        return Dictionary(values) { first, _ in first }
    }
}

/// Response of describe.
struct DescribedJob: Codable, Sendable {
    let job: Job

    enum CodingKeys: String, CodingKey { case job = "ComprehendMedicalAsyncJobProperties" }
}

/// A job, its members named as on the wire.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct Job: Codable, Sendable {
    struct Place: Codable, Sendable {
        let S3Bucket: String
        let S3Key: String?
    }

    let JobId: String
    let JobName: String?
    let JobStatus: String
    let Message: String?
    let SubmitTime: Double
    let EndTime: Double?
    let ExpirationTime: Double?
    let InputDataConfig: Place
    let OutputDataConfig: Place
    let LanguageCode: String
    let DataAccessRoleArn: String
    let ManifestFilePath: String?
    let KMSKey: String?
    let ModelVersion: String?
}
