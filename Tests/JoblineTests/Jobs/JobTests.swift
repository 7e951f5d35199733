import JoblineProtocol
import Testing

@testable import Jobline

@Suite("Job")
struct JobTests {
    static let arn = "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/june"

    @Test("Of Comprehend Medical")
    func comprehendMedical() {
        let properties = ComprehendMedical.JobProperties(
            jobID: "5f0c", jobName: "june", jobStatus: .failed, message: "no such bucket",
            submitTime: Timestamp(milliseconds: 1000), endTime: Timestamp(milliseconds: 2000),
            expirationTime: Timestamp(milliseconds: 9000))
        let job = Job(properties, family: .rxNormInference)
        #expect(
            job
                == Job(
                    reference: .comprehendMedical(.rxNormInference, "5f0c"), name: "june", state: .failed,
                    status: "FAILED", message: "no such bucket", submitted: Timestamp(milliseconds: 1000),
                    ended: Timestamp(milliseconds: 2000), expires: Timestamp(milliseconds: 9000),
                    original: .comprehendMedical(properties)))
        #expect(job.service == "ComprehendMedical")
        #expect(job.family == .rxNormInference)
        #expect(job.id == "5f0c")
        #expect(job.workflow == nil)
    }

    @Test("Of Personalize, whole and as a summary; its last change is its end")
    func personalize() {
        let created = Timestamp(milliseconds: 1000)
        let updated = Timestamp(milliseconds: 2000)
        let running = Job(
            Personalize.BatchSegmentJobSummary(
                batchSegmentJobARN: Self.arn, jobName: "june", status: .inProgress, creationDateTime: created,
                lastUpdatedDateTime: updated))
        #expect(running.reference == .batchSegment(arn: Self.arn))
        #expect(running.state == .running)
        #expect(running.ended == nil)
        #expect(running.updated == updated)
        let ended = Job(
            Personalize.BatchSegmentJob(
                jobName: "june", batchSegmentJobARN: Self.arn, failureReason: "bad line", status: .createFailed,
                creationDateTime: created, lastUpdatedDateTime: updated))
        #expect(ended.state == .failed)
        #expect(ended.status == "CREATE FAILED")
        #expect(ended.message == "bad line")
        #expect(ended.submitted == created)
        #expect(ended.ended == updated)
        let inference = Personalize.BatchInferenceJob(batchInferenceJobARN: "arn:x", status: .active)
        #expect(Job(inference).reference == .batchInference(arn: "arn:x"))
        #expect(Job(inference).original == .batchInference(inference))
        let summary = Personalize.BatchInferenceJobSummary(batchInferenceJobARN: "arn:x")
        #expect(Job(summary).state == .unknown)
        #expect(Job(summary).original == .batchInferenceSummary(summary))
    }

    @Test("Of Entity Resolution, with the workflow, which its responses omit")
    func entityResolution() {
        let start = Timestamp(milliseconds: 1000)
        let matching = EntityResolution.GetMatchingJobResponse(
            jobID: "aa", status: .failed, startTime: start, errorDetails: .init(errorMessage: "no schema"))
        #expect(
            Job(matching, workflow: "people")
                == Job(
                    reference: .matching(workflow: "people", jobID: "aa"), state: .failed, status: "FAILED",
                    message: "no schema", submitted: start, original: .matching(matching)))
        let mapping = EntityResolution.GetIdMappingJobResponse(jobID: "bb", status: .queued, startTime: start)
        #expect(Job(mapping, workflow: "ids").reference == .idMapping(workflow: "ids", jobID: "bb"))
        let summary = EntityResolution.JobSummary(jobID: "cc", status: .running, startTime: start)
        #expect(Job(matching: summary, workflow: "w").original == .matchingSummary(summary))
        #expect(Job(idMapping: summary, workflow: "w").reference == .idMapping(workflow: "w", jobID: "cc"))
    }

    @Test("An unknown status keeps the service's own value")
    func unknownStatus() {
        let job = Job(ComprehendMedical.JobProperties(jobStatus: .init(rawValue: "PAUSED")), family: .phiDetection)
        #expect(job.state == .unknown)
        #expect(job.status == "PAUSED")
    }

    @Test(
        "A notification can have the job itself or the response around it",
        arguments: [
            (.rxNormInference, #"{"JobId":"x","JobStatus":"COMPLETED"}"#),
            (.rxNormInference, #"{"ComprehendMedicalAsyncJobProperties":{"JobId":"x","JobStatus":"COMPLETED"}}"#),
            (.batchSegment, #"{"batchSegmentJobArn":"x","status":"ACTIVE"}"#),
            (.batchSegment, #"{"batchSegmentJob":{"batchSegmentJobArn":"x","status":"ACTIVE"}}"#),
            (.batchInference, #"{"batchInferenceJobArn":"x","status":"ACTIVE"}"#),
            (.batchInference, #"{"batchInferenceJob":{"batchInferenceJobArn":"x","status":"ACTIVE"}}"#),
            (.matching, #"{"jobId":"x","status":"SUCCEEDED","startTime":1}"#),
            (.idMapping, #"{"jobId":"x","status":"SUCCEEDED","startTime":1}"#),
        ] as [(JobFamily, String)])
    func changed(_ family: JobFamily, _ json: String) {
        let workflow = family.hasWorkflows ? "w" : nil
        let job = Job(
            Sidecar.JobChanged(
                service: family.service ?? "", family: family, id: "x", state: .succeeded, workflow: workflow,
                progress: 1, job: JSONDocument(json)))
        #expect(job.reference == JobReference(family: family, id: "x", workflow: workflow))
        #expect(job.state == .succeeded)
        #expect(["COMPLETED", "ACTIVE", "SUCCEEDED"].contains(job.status))
        #expect(job.progress == 1)
        #expect(job.original != nil)
    }

    @Test("A watch reports the state of a job that is gone or unreadable")
    func goneAndUnreadable() {
        let gone = Job(Sidecar.JobChanged(service: "Personalize", family: .batchSegment, id: "x", state: .gone))
        #expect(gone == Job(reference: .batchSegment(arn: "x"), state: .gone))
        let reference = JobReference.matching(workflow: "w", jobID: "x")
        let unreadable = Job(
            Sidecar.JobChanged(
                service: "EntityResolution", family: .matching, id: "x", state: .running, workflow: "w",
                job: JSONDocument("{}")))
        #expect(unreadable == Job(reference: reference, state: .running))
        let future = Job(
            Sidecar.JobChanged(
                service: "Transcribe", family: JobFamily(rawValue: "Transcription"), id: "x", state: .running,
                job: JSONDocument("{}")))
        #expect(future.service == nil)
        #expect(future.state == .running)
    }
}
