internal import ArgumentParser
internal import Foundation
internal import Hummingbird
internal import Logging
internal import NIOPosix

/// What one would write without jobline: the jobs in a dictionary, served as JSON over HTTP.
struct HTTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http", abstract: "Answers GET /jobs/ID with a job as JSON.")

    @Option(help: "Where to listen.")
    var socket: String

    @Option(help: "The jobs: one on each line, as describe answers with it.")
    var jobs: String

    func run() async throws {
        let lines = try String(contentsOfFile: jobs, encoding: .utf8).split(separator: "\n")
        let described = try lines.map { try JSONDecoder().decode(DescribedJob.self, from: Data($0.utf8)) }
        let jobs = Dictionary(described.map { ($0.job.JobId, $0) }) { first, _ in first }

        let router = Router()
        router.get("/jobs/:id") { _, context in
            guard let job = jobs[try context.parameters.require("id")] else { throw HTTPError(.notFound) }
            return job
        }
        var logger = Logger(label: "http")
        logger.logLevel = .error
        let application = Application(
            router: router, configuration: .init(address: .unixDomainSocket(path: socket), backlog: 4096),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)), logger: logger)
        try await application.runService()
    }
}

/// What describe answers with.
struct DescribedJob: ResponseEncodable, Decodable, Sendable {
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
