import Jobline

/// The Swift example of the README, which a test compares with it: what is shown there compiles.
func readmeExample() async throws {
    let client = JoblineClient()  // JOBLINE_SOCKET, or /run/jobline/jobline.sock
    let started = try await client.comprehendMedical.startRxNormInferenceJob(
        inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
        dataAccessRoleARN: "arn:aws:iam::000000000000:role/jobline", languageCode: .en)
    let job = try await client.waitUntilTerminal(started)
    print(job.state, job.message ?? "")
    await client.close()
}
