internal import ArgumentParser
internal import Foundation
internal import Hummingbird
internal import Logging
internal import NIOPosix

/// Alternative without jobline: jobs in a dictionary, served as JSON over HTTP.
struct HTTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http", abstract: "Answers GET /jobs/ID with a job as JSON.")

    @OptionGroup var jobs: JobOptions

    func run() async throws {
        let jobs = try self.jobs.byID { _, described in described }
        let router = Router()
        router.get("/jobs/:id") { _, context in
            guard let job = jobs[try context.parameters.require("id")] else { throw HTTPError(.notFound) }
            return job
        }
        var logger = Logger(label: "http")
        logger.logLevel = .error
        let application = Application(
            router: router, configuration: .init(address: .unixDomainSocket(path: self.jobs.socket), backlog: 4096),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)), logger: logger)
        try await application.runService()
    }
}

extension DescribedJob: ResponseEncodable {}
