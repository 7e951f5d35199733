internal import JoblineBackend
internal import JoblineProtocol

/// Validates workflows: rules of the service that its model does not express, and places that jobs could not use here.
enum WorkflowRules {
    /// Checks a matching workflow that is made or changed.
    static func check(
        _ inputs: [EntityResolution.InputSource], _ outputs: [EntityResolution.OutputSource],
        _ techniques: EntityResolution.ResolutionTechniques, _ incremental: EntityResolution.IncrementalRunConfig?
    ) throws(ServiceError) {
        for (index, source) in inputs.enumerated() {
            _ = try naming("inputSourceConfig[\(index)].inputSourceARN") { () throws(PlaceError) in
                try Places.names(ofTable: source.inputSourceARN)
            }
        }
        for (index, output) in outputs.enumerated() {
            let path = "outputSourceConfig[\(index)].outputS3Path"
            guard let place = output.place else {
                throw ServiceError(
                    .invalid, "is required where customerProfilesIntegrationConfig is not given", path: path)
            }
            _ = try naming(path) { () throws(PlaceError) in try ObjectLocation(uri: place) }
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
                    "\(run.rawValue) is not supported by this daemon, which starts no jobs when input arrives: leave it "
                        + "out, and call StartMatchingJob", path: "incrementalRunConfig.incrementalRunType")
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

    /// Checks an ID mapping workflow that is made or changed.
    static func check(
        _ inputs: [EntityResolution.IdMappingInputSource], _ outputs: [EntityResolution.IdMappingOutputSource]?,
        _ techniques: EntityResolution.IdMappingTechniques
    ) throws(ServiceError) {
        for (index, source) in inputs.enumerated() {
            _ = try naming("inputSourceConfig[\(index)].inputSourceARN") { () throws(PlaceError) in
                try InputSource(arn: source.inputSourceARN)
            }
        }
        for (index, output) in (outputs ?? []).enumerated() {
            _ = try naming("outputSourceConfig[\(index)].outputS3Path") { () throws(PlaceError) in
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
    /// The bucket that stands for Amazon Connect Customer Profiles.
    private static let profilesBucket = "customer-profiles"

    /// The folder that gets the output of jobs, as a URI; nil where the workflow names neither a path nor Customer Profiles.
    var place: String? {
        if let path = outputS3Path, !path.isEmpty { return path }
        return customerProfilesIntegrationConfig.map { profiles in
            // arn:PARTITION:profile:REGION:ACCOUNT:domains/DOMAIN/object-types/TYPE
            let names = profiles.objectTypeARN.split(separator: "/")
            return "s3://\(Self.profilesBucket)/\(names.dropFirst().joined(separator: "/"))"
        }
    }
}
