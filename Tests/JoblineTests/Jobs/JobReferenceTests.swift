import Jobline
import Testing

@Suite("Job reference")
struct JobReferenceTests {
    @Test("the ARN of a Personalize job tells its kind")
    func arn() {
        let segment = "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/june"
        let inference = "arn:aws-cn:personalize:cn-north-1:000000000000:batch-inference-job/june"
        #expect(JobReference.personalize(arn: segment) == .batchSegment(arn: segment))
        #expect(JobReference.personalize(arn: inference) == .batchInference(arn: inference))
    }

    @Test(
        "any other text is not such an ARN",
        arguments: [
            "", "june", "arn:aws:personalize:us-east-1:000000000000:solution/june",
            "arn:aws:entityresolution:us-east-1:000000000000:batch-segment-job/june", "arn:aws:personalize",
            "::personalize:::batch-segment-job/june",
        ])
    func otherText(_ text: String) { #expect(JobReference.personalize(arn: text) == nil) }

    @Test("people read the family, the workflow and the id")
    func description() {
        #expect("\(JobReference.comprehendMedical(.icd10cmInference, "5f0c"))" == "ICD10CMInference/5f0c")
        #expect("\(JobReference.matching(workflow: "people", jobID: "5f0c"))" == "Matching/people/5f0c")
        #expect("\(JobReference.idMapping(workflow: "ids", jobID: "5f0c"))" == "IdMapping/ids/5f0c")
        #expect("\(JobReference.batchInference(arn: "arn:x"))" == "BatchInference/arn:x")
    }
}
