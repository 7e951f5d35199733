internal import JoblineProtocol

// The job families of Comprehend Medical differ only in the names of their methods.

extension ComprehendMedical.Family {
    var describeMethod: Method {
        switch self {
        case .entitiesDetectionV2: .comprehendMedicalDescribeEntitiesDetectionV2Job
        case .phiDetection: .comprehendMedicalDescribePHIDetectionJob
        case .rxNormInference: .comprehendMedicalDescribeRxNormInferenceJob
        case .icd10cmInference: .comprehendMedicalDescribeICD10CMInferenceJob
        case .snomedctInference: .comprehendMedicalDescribeSNOMEDCTInferenceJob
        }
    }

    var stopMethod: Method {
        switch self {
        case .entitiesDetectionV2: .comprehendMedicalStopEntitiesDetectionV2Job
        case .phiDetection: .comprehendMedicalStopPHIDetectionJob
        case .rxNormInference: .comprehendMedicalStopRxNormInferenceJob
        case .icd10cmInference: .comprehendMedicalStopICD10CMInferenceJob
        case .snomedctInference: .comprehendMedicalStopSNOMEDCTInferenceJob
        }
    }

    var listMethod: Method {
        switch self {
        case .entitiesDetectionV2: .comprehendMedicalListEntitiesDetectionV2Jobs
        case .phiDetection: .comprehendMedicalListPHIDetectionJobs
        case .rxNormInference: .comprehendMedicalListRxNormInferenceJobs
        case .icd10cmInference: .comprehendMedicalListICD10CMInferenceJobs
        case .snomedctInference: .comprehendMedicalListSNOMEDCTInferenceJobs
        }
    }
}
