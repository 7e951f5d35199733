package import JoblineProtocol

/// Kind of job: jobs of a family have the same requests, limits and queue.
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

    /// Service that jobs belong to, named as in method names.
    package enum Service: String, CaseIterable, Sendable, Hashable {
        case comprehendMedical = "ComprehendMedical"
        case personalize = "Personalize"
        case entityResolution = "EntityResolution"
    }

    /// Service of the family.
    package var service: Service {
        switch self {
        case .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference:
            .comprehendMedical
        case .batchSegment, .batchInference: .personalize
        case .matching, .idMapping: .entityResolution
        }
    }

    /// - Parameter family: Family in a message; nil is returned for one that this version does not know.
    package init?(_ family: Sidecar.JobFamily) { self.init(rawValue: family.rawValue) }

    /// The family as messages have it.
    package var message: Sidecar.JobFamily { Sidecar.JobFamily(rawValue: rawValue) }
}
