/// A kind of job: what an executor is configured for, and what a queue is kept for.
package enum JobFamily: String, CaseIterable, Sendable, Hashable {
    case entitiesDetectionV2 = "EntitiesDetectionV2"
    case phiDetection = "PHIDetection"
    case rxNormInference = "RxNormInference"
    case icd10cmInference = "ICD10CMInference"
    case snomedctInference = "SNOMEDCTInference"
    case batchSegment = "BatchSegment"
    case batchInference = "BatchInference"
    case matching = "Matching"
    case idMapping = "IdMapping"

    /// The service that a family belongs to, named as in method names.
    package enum Service: String, Sendable, Hashable {
        case comprehendMedical = "ComprehendMedical"
        case personalize = "Personalize"
        case entityResolution = "EntityResolution"
    }

    /// The service that a family belongs to.
    package var service: Service {
        switch self {
        case .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference:
            .comprehendMedical
        case .batchSegment, .batchInference: .personalize
        case .matching, .idMapping: .entityResolution
        }
    }

    /// The key of the family under `executors` in the configuration.
    package var configurationKey: String {
        switch self {
        case .entitiesDetectionV2: "entitiesDetectionV2"
        case .phiDetection: "phiDetection"
        case .rxNormInference: "rxNormInference"
        case .icd10cmInference: "icd10cmInference"
        case .snomedctInference: "snomedctInference"
        case .batchSegment: "batchSegment"
        case .batchInference: "batchInference"
        case .matching: "matching"
        case .idMapping: "idMapping"
        }
    }

    /// What a Comprehend Medical job's output directory is called after, between account and job.
    package var outputType: String {
        self == .entitiesDetectionV2 ? "EntitiesDetection" : rawValue
    }

    /// Whether a name, once used, is taken for ever.
    package var hasLastingNames: Bool { service == .personalize }

    /// Bytes of input that one job may have; nil where the service names no limit.
    ///
    /// Comprehend Medical: 10 GB a job for entities and health information, 5 GB for ontologies.
    package var maximumInputBytes: Int64? {
        switch self {
        case .entitiesDetectionV2, .phiDetection: 10 << 30
        case .rxNormInference, .icd10cmInference, .snomedctInference: 5 << 30
        case .batchSegment, .batchInference, .matching, .idMapping: nil
        }
    }
}

/// Names one job among all families.
package struct JobKey: Sendable, Hashable {
    package var family: JobFamily
    /// The job's id; of Personalize jobs the ARN.
    package var id: String

    package init(_ family: JobFamily, _ id: String) {
        self.family = family
        self.id = id
    }

    /// The id that executors and directories know the job by: Personalize has ARNs, whose last part is unique.
    var shortID: String { id.lastIndex(of: "/").map { String(id[id.index(after: $0)...]) } ?? id }
}
