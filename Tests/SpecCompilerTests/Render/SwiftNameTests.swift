import Testing

@testable import SpecCompiler

@Suite("Swift names")
struct SwiftNameTests {
    @Test(
        "Wire names of members become Swift names",
        arguments: [
            ("JobId", "jobID"), ("DataAccessRoleArn", "dataAccessRoleARN"), ("KMSKey", "kmsKey"), ("KMSArn", "kmsARN"),
            ("S3Bucket", "s3Bucket"), ("s3DataSource", "s3DataSource"), ("outputS3Path", "outputS3Path"),
            ("matchIDs", "matchIDs"), ("inputSourceARN", "inputSourceARN"), ("kmsKeyArn", "kmsKeyARN"), ("id", "id"),
            ("pid", "pid"), ("maximumTimeoutMs", "maximumTimeoutMs"), ("RxNormInference", "rxNormInference"),
            ("SNOMEDCTInference", "snomedctInference"), ("ICD10CMInference", "icd10cmInference"),
            ("PHIDetection", "phiDetection"), ("EntitiesDetectionV2", "entitiesDetectionV2"), ("Arn", "arn"),
        ])
    func members(wire: String, swift: String) {
        #expect(SwiftName.member(wire) == swift)
    }

    @Test(
        "Wire values become Swift names",
        arguments: [
            ("SUBMITTED", "submitted"), ("IN_PROGRESS", "inProgress"), ("IN PROGRESS", "inProgress"),
            ("CREATE FAILED", "createFailed"), ("en", "en"), ("ONE_TO_ONE", "oneToOne"),
        ])
    func values(wire: String, swift: String) {
        #expect(SwiftName.value(wire) == swift)
    }

    @Test("Keywords are put in backticks")
    func keywords() {
        #expect(SwiftName.escaped("default") == "`default`")
        #expect(SwiftName.escaped("filter") == "filter")
    }
}
