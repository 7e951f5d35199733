import Jobline

/// The code of the article "Getting started".
enum GettingStarted {
    static func call() async throws {
        let client = JoblineClient()  // JOBLINE_SOCKET, or /run/jobline/jobline.sock
        let info = try await client.sidecar.getInfo()
        print("joblined \(info.version) serves \(info.backends.keys.sorted())")
        await client.close()
    }

    static func start(_ client: JoblineClient) async throws -> JobReference {
        let started = try await client.comprehendMedical.startRxNormInferenceJob(
            inputDataConfig: .init(s3Bucket: "notes"),
            outputDataConfig: .init(s3Bucket: "results"),
            dataAccessRoleARN: "arn:aws:iam::000000000000:role/jobline",
            languageCode: .en)
        return started.reference
    }

    static func find(_ client: JoblineClient, _ reference: JobReference) async throws {
        guard let job = try await client.jobIfFound(reference) else {
            return print("no such job, or it has expired")
        }
        print(job.state)
    }

    static func wait(_ client: JoblineClient, _ reference: JobReference) async throws {
        let job = try await client.waitUntilTerminal(reference) { job in
            print("\(job.state) \(job.progress.map { "\(Int($0 * 100)) %" } ?? "")")
        }
        switch job.state {
        case .succeeded: print("done")
        case .partial: print("done, but for some files: \(job.message ?? "")")
        default: print("\(job.state): \(job.message ?? "no reason given")")
        }
    }

    static func result(_ job: Job) {
        if case .comprehendMedical(let properties) = job.original {
            print(properties.outputDataConfig?.s3Key ?? "", properties.manifestFilePath ?? "")
        }
    }

    static func scoped() async throws {
        let states = try await JoblineClient.withClient { client in
            var states: [JobState] = []
            for try await job in client.jobs(.rxNormInference) { states.append(job.state) }
            return states
        }
        print(states.count)
    }
}
