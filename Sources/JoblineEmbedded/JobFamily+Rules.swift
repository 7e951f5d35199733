package import JoblineBackend

extension JobFamily {
    /// Key of the family under `executors` in the configuration.
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

    /// Type in the names of output directories of Comprehend Medical jobs, between account and job.
    var outputType: String {
        self == .entitiesDetectionV2 ? "EntitiesDetection" : rawValue
    }

    /// Whether the name of a job is never free again.
    var hasLastingNames: Bool { service == .personalize }

    /// Maximum size of a job's input, in bytes; nil if the service documents none.
    ///
    /// Comprehend Medical: 10 GB a job for entities and health information, 5 GB for ontologies.
    var maximumInputBytes: Int64? {
        switch self {
        case .entitiesDetectionV2, .phiDetection: 10 << 30
        case .rxNormInference, .icd10cmInference, .snomedctInference: 5 << 30
        case .batchSegment, .batchInference, .matching, .idMapping: nil
        }
    }
}

extension JobReference {
    /// Id that executors and directories use: the last part of an ARN, or the id itself.
    var shortID: String { id.lastIndex(of: "/").map { String(id[id.index(after: $0)...]) } ?? id }
}
