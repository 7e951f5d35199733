import Jobline
import Testing

@Suite("Job reference")
struct JobReferenceTests {
    @Test("The ARN of a Personalize job contains its family")
    func arn() {
        let segment = "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/june"
        let inference = "arn:aws-cn:personalize:cn-north-1:000000000000:batch-inference-job/june"
        #expect(JobReference.personalize(arn: segment) == .batchSegment(arn: segment))
        #expect(JobReference.personalize(arn: inference) == .batchInference(arn: inference))
    }

    @Test(
        "Any other text is not such an ARN",
        arguments: [
            "", "june", "arn:aws:personalize:us-east-1:000000000000:solution/june",
            "arn:aws:entityresolution:us-east-1:000000000000:batch-segment-job/june", "arn:aws:personalize",
            "::personalize:::batch-segment-job/june",
        ])
    func otherText(_ text: String) { #expect(JobReference.personalize(arn: text) == nil) }

    @Test(
        "A reference is one word that parses back to it",
        arguments: [
            (JobReference.comprehendMedical(.icd10cmInference, "5f0c"), "ICD10CMInference/5f0c"),
            (.matching(workflow: "people", jobID: "5f0c"), "Matching/people/5f0c"),
            (.idMapping(workflow: "ids", jobID: "5f0c"), "IdMapping/ids/5f0c"),
            (.matching(workflow: "Matching", jobID: "5f0c"), "Matching/Matching/5f0c"),
            (
                .idMapping(
                    workflow: "arn:aws:entityresolution:us-east-1:000000000000:idmappingworkflow/ids", jobID: "5f0c"),
                "IdMapping/arn:aws:entityresolution:us-east-1:000000000000:idmappingworkflow/ids/5f0c"
            ),
            (
                .batchSegment(arn: "arn:aws:personalize:us-east-1:000000000000:batch-segment-job/june"),
                "BatchSegment/arn:aws:personalize:us-east-1:000000000000:batch-segment-job/june"
            ),
            (.batchInference(arn: "june"), "BatchInference/june"),
            (.comprehendMedical(.phiDetection, "a/b:c @é"), "PHIDetection/a/b:c @é"),
        ])
    func text(reference: JobReference, text: String) {
        #expect(reference.description == text)
        #expect(JobReference(text) == reference)
    }

    @Test("A reference is parsed from typed text: a family in any case, or only the ARN of a Personalize job")
    func typed() {
        #expect(JobReference("rxnorminference/5f0c") == .comprehendMedical(.rxNormInference, "5f0c"))
        #expect(JobReference("MATCHING/people/5f0c") == .matching(workflow: "people", jobID: "5f0c"))
        let arn = "arn:aws:personalize:us-east-1:000000000000:batch-inference-job/june"
        #expect(JobReference(arn) == .batchInference(arn: arn))
    }

    @Test(
        "Text with a missing part is no reference",
        arguments: [
            "", "/", "5f0c", "RxNormInference", "RxNormInference/", "RxNorm/5f0c", "/5f0c", "Matching/5f0c",
            "Matching/people/", "Matching//5f0c", "Matching//",
            "arn:aws:personalize:us-east-1:000000000000:solution/june",
            "IdMapping/arn:aws:entityresolution:us-east-1:000000000000:idmappingworkflow/ids",
        ])
    func incomplete(_ text: String) { #expect(JobReference(text) == nil) }
}
