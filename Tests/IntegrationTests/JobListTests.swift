import Jobline
import TestSupport
import Testing

@Suite("Jobs of any service, from a daemon", .timeLimit(.minutes(1)))
struct JobListTests {
    @Test("A list of three pages gives every job once, and each is found again by its reference")
    func pages() async throws {
        try await TestDirectory.with { directory in
            let settings = "executors: {phiDetection: {command: [sleep, \"1000\"], concurrency: 1}}"
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    var started: [String] = []
                    for number in 1...5 {
                        let response = try await client.comprehendMedical.startPHIDetectionJob(
                            inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "out"),
                            dataAccessRoleARN: "arn:aws:iam::000000000000:role/jobline", languageCode: .en,
                            jobName: "job-\(number)")
                        started.append(try #require(response.jobID))
                    }
                    var listed: [Job] = []
                    for try await job in client.jobs(.phiDetection, pageSize: 2) { listed.append(job) }
                    #expect(Set(listed.map(\.id)) == Set(started))
                    #expect(listed.count == 5)
                    for job in listed {
                        let found = try await client.job(job.reference)
                        #expect(found.reference == job.reference)
                        #expect(found.name == job.name)
                        #expect(found.submitted == job.submitted)
                        #expect(found.expires != nil)
                    }
                    let last = try #require(listed.first { $0.name == "job-5" })
                    try await client.stop(last.reference)
                    let stopped = try await client.job(last.reference)
                    #expect([.stopping, .stopped].contains(stopped.state), "\(stopped.state)")
                }
            }
        }
    }

    @Test("A list that is larger than a reply may be comes in shorter pages, not as an error")
    func largeJobs() async throws {
        try await TestDirectory.with { directory in
            let settings = """
                connections: {replyBytes: 65536}
                executors: {phiDetection: {command: [sleep, "1000"], concurrency: 1}}
                """
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    // 4 bytes a character: 4 KB of key in each of 40 jobs.
                    let key = Array(repeating: String(repeating: "😀", count: 60), count: 16).joined(separator: "/")
                    var started: [String] = []
                    for _ in 0..<40 {
                        let response = try await client.comprehendMedical.startPHIDetectionJob(
                            inputDataConfig: .init(s3Bucket: "notes", s3Key: key),
                            outputDataConfig: .init(s3Bucket: "out"),
                            dataAccessRoleARN: "arn:aws:iam::000000000000:role/jobline", languageCode: .en)
                        started.append(try #require(response.jobID))
                    }
                    let first = try await client.comprehendMedical.listPHIDetectionJobs(maxResults: 500)
                    let shown = first.jobPropertiesList ?? []
                    #expect((10..<17).contains(shown.count))
                    #expect(first.nextToken != nil)
                    var listed: [String] = []
                    for try await job in client.jobs(.phiDetection, pageSize: 500) { listed.append(job.id) }
                    #expect(listed.count == 40)
                    #expect(Set(listed) == Set(started))
                }
            }
        }
    }
}
