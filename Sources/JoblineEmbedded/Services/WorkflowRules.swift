internal import JoblineBackend
internal import JoblineProtocol

/// Validation of workflows: rules of the service that its model does not express, and locations that this daemon does not support.
enum WorkflowRules {
    /// Checks the create or update request of a matching workflow.
    static func check(
        _ inputs: [EntityResolution.InputSource], _ outputs: [EntityResolution.OutputSource],
        _ techniques: EntityResolution.ResolutionTechniques, _ incremental: EntityResolution.IncrementalRunConfig?
    ) throws(ServiceError) {
        for (index, source) in inputs.enumerated() {
            _ = try mapPathErrors("inputSourceConfig[\(index)].inputSourceARN") { () throws(PathError) in
                try StatePaths.names(ofTable: source.inputSourceARN)
            }
        }
        for (index, output) in outputs.enumerated() {
            let path = "outputSourceConfig[\(index)].outputS3Path"
            guard let uri = output.uri else {
                throw ServiceError(
                    .invalid, "is required where customerProfilesIntegrationConfig is not given", path: path)
            }
            _ = try mapPathErrors(path) { () throws(PathError) in try ObjectLocation(uri: uri) }
        }
        try check(techniques, incremental)
    }

    private static func check(
        _ techniques: EntityResolution.ResolutionTechniques, _ incremental: EntityResolution.IncrementalRunConfig?
    ) throws(ServiceError) {
        let type = techniques.resolutionType
        if type == .ruleMatching {
            guard techniques.ruleBasedProperties != nil || techniques.ruleConditionProperties != nil else {
                throw ServiceError(
                    .invalid, "RULE_MATCHING needs ruleBasedProperties or ruleConditionProperties",
                    path: "resolutionTechniques")
            }
            if let run = incremental?.incrementalRunType {
                throw ServiceError(
                    .invalid,
                    "\(run.rawValue) is not supported by this daemon, which starts no jobs when input arrives: "
                        + "omit it and call StartMatchingJob", path: "incrementalRunConfig.incrementalRunType")
            }
        } else if incremental != nil {
            throw ServiceError(
                .invalid, "is not supported where resolutionType is \(type.rawValue)", path: "incrementalRunConfig")
        }
        if type == .provider {
            try require(
                techniques.providerProperties, "resolutionTechniques.providerProperties", "resolutionType PROVIDER")
        }
    }

    /// Checks the create or update request of an ID mapping workflow.
    static func check(
        _ inputs: [EntityResolution.IdMappingInputSource], _ outputs: [EntityResolution.IdMappingOutputSource]?,
        _ techniques: EntityResolution.IdMappingTechniques
    ) throws(ServiceError) {
        for (index, source) in inputs.enumerated() {
            _ = try mapPathErrors("inputSourceConfig[\(index)].inputSourceARN") { () throws(PathError) in
                try InputSource(arn: source.inputSourceARN)
            }
        }
        for (index, output) in (outputs ?? []).enumerated() {
            _ = try mapPathErrors("outputSourceConfig[\(index)].outputS3Path") { () throws(PathError) in
                try ObjectLocation(uri: output.outputS3Path)
            }
        }
        if techniques.idMappingType == .ruleBased {
            try require(
                techniques.ruleBasedProperties, "idMappingTechniques.ruleBasedProperties", "idMappingType RULE_BASED")
        }
        if techniques.idMappingType == .provider {
            try require(
                techniques.providerProperties, "idMappingTechniques.providerProperties", "idMappingType PROVIDER")
        }
    }

    private static func require(_ value: Any?, _ path: String, _ what: String) throws(ServiceError) {
        if value == nil { throw ServiceError(.invalid, "is required for \(what)", path: path) }
    }
}

extension EntityResolution.OutputSource {
    /// Bucket in place of Amazon Connect Customer Profiles.
    private static let profilesBucket = "customer-profiles"

    /// URI of the folder for the output of jobs; nil if the workflow has neither a path nor Customer Profiles.
    var uri: String? {
        if let path = outputS3Path, !path.isEmpty { return path }
        return customerProfilesIntegrationConfig.map { profiles in
            // arn:PARTITION:profile:REGION:ACCOUNT:domains/DOMAIN/object-types/TYPE
            let names = profiles.objectTypeARN.split(separator: "/")
            return "s3://\(Self.profilesBucket)/\(names.dropFirst().joined(separator: "/"))"
        }
    }
}
