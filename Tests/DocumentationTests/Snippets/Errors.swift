import Jobline

/// The code of the article "Errors and retry".
enum Errors {
    static func handle(_ client: JoblineClient, _ reference: JobReference) async {
        do {
            let job = try await client.job(reference)
            print(job.state)
        } catch {
            switch error.code {
            case .notFound: print("no such job")
            case .throttled: print("too busy: \(error)")
            default: print("\(error)")
            }
        }
    }

    static func configure() -> JoblineClient {
        var configuration = JoblineClient.Configuration()
        configuration.timeout = .seconds(10)
        configuration.retry = RetryPolicy(maximumAttempts: 5)
        configuration.rateLimit = .adaptive
        let client = JoblineClient(configuration: configuration)
        return client
    }

    static func options(_ client: JoblineClient) async throws {
        let info = try await client.sidecar.getInfo(options: .init(timeout: .seconds(1), retry: .disabled))
        print(info.version)
    }

    static func ambiguous(_ client: JoblineClient) async throws -> JobReference {
        do {
            let started = try await client.entityResolution.startMatchingJob(workflowName: "people")
            return started.reference
        } catch {
            guard error.outcomeUnknown else { throw error }
            // The job may run: check the newest job of the workflow.
            let newest = try await client.jobs(.matching, workflow: "people", pageSize: 1).first { _ in true }
            print("the newest one is \(newest?.id ?? "none"), begun \(newest?.submitted?.description ?? "never")")
            throw error
        }
    }

    static func observe(_ configuration: inout JoblineClient.Configuration) {
        struct Watchdog: CallObserver {
            func attemptFailed(_ attempt: FailedAttempt) {
                print("\(attempt.method) failed with \(attempt.code), attempt \(attempt.number)")
            }
        }
        configuration.observer = Watchdog()
    }
}
