import Jobline
import TestSupport
import Testing

@Suite("Expiry", .timeLimit(.minutes(2)))
struct ExpiryTests {
    @Test("An expired job is gone for everybody at once, its token is free, and its output stays")
    func expiry() async throws {
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            let settings = Samples.settings("comprehendMedical: {retentionSeconds: 10}")
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    let id = try await CrashTests.start(client, token: "token")
                    let job = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id).jobProperties
                    let (submitted, expires) = (try #require(job?.submitTime), try #require(job?.expirationTime))
                    #expect(expires.milliseconds == (submitted.milliseconds / 1000 + 10) * 1000)

                    try await untilGone(client, id)
                    let listed = try await client.comprehendMedical.listRxNormInferenceJobs()
                    #expect(listed.jobPropertiesList == [])
                    let stop = await #expect(throws: JoblineError.self) {
                        _ = try await client.comprehendMedical.stopRxNormInferenceJob(jobID: id)
                    }
                    #expect(stop?.wire?.type == "ResourceNotFoundException")
                    let again = try await CrashTests.start(client, token: "token")
                    #expect(again != id)
                    let output = try #require(job?.outputDataConfig?.s3Key)
                    // The job runs to its end, although it has expired.
                    _ = try await Samples.untilEnded {
                        directory.list("state/buckets/results/\(output)")
                    } ended: {
                        $0.contains("Manifest")
                    }
                }
            }
        }
    }

    private func untilGone(_ client: JoblineClient, _ id: String) async throws {
        let error = await #expect(throws: JoblineError.self) {
            while true {
                _ = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)
                // Leaves the two cores to the daemon; nothing depends on how long this takes.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        #expect(error?.wire?.type == "ResourceNotFoundException")
    }
}
