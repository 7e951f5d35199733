import Jobline
import Logging
import ServiceLifecycle
import UnixSignals

/// The code of the article "Running in a service".
enum InAService {
    struct Billing: Service {
        let client: JoblineClient

        func run() async throws {
            try await cancelWhenGracefulShutdown {
                for try await job in client.watch(.matching(workflow: "people", jobID: "0123"), until: nil) {
                    print(job.state)
                }
            }
        }
    }

    static func run(logger: Logger) async throws {
        let client = JoblineClient(configuration: .init(name: "billing", logger: logger))
        let group = ServiceGroup(
            services: [client, Billing(client: client)], gracefulShutdownSignals: [.sigterm], logger: logger)
        try await group.run()
    }
}
