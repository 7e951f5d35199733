internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

extension JobFamily {
    /// Checks that the service has the metrics that an executor reports; only Entity Resolution has any.
    ///
    /// - Parameter json: JSON object.
    /// - Throws: An error with the path of an unknown metric or of a value that is not an integer.
    func checkMetrics(_ json: String) throws(JSONError) {
        switch self {
        case .matching: try check(json, as: EntityResolution.JobMetrics.self)
        case .idMapping: try check(json, as: EntityResolution.IdMappingJobMetrics.self)
        case .entitiesDetectionV2, .phiDetection, .rxNormInference, .icd10cmInference, .snomedctInference,
            .batchSegment, .batchInference:
            break
        }
    }

    private func check<Metrics: JSONCodable>(_ json: String, as type: Metrics.Type) throws(JSONError) {
        do throws(JSONError) {
            let json = ByteBuffer(string: json)
            let given = try Self.names(json)
            // Decoding skips unknown names, so that encoding the result yields the known ones.
            let known = Set(try Self.names(Metrics(json: json).json()))
            guard let unknown = given.first(where: { !known.contains($0) }) else { return }
            throw JSONError(.type, "is not a metric of a \(rawValue) job", offset: 0).inside(.member(unknown))
        } catch {
            throw error.inside(.member("metrics"))
        }
    }

    /// Returns the names of an object's members, as errors show them.
    private static func names(_ object: ByteBuffer) throws(JSONError) -> [String] {
        try JSONReader.read(object) { (reader) throws(JSONError) in
            var names: [String] = []
            try reader.object { (reader, key) throws(JSONError) in
                names.append(key.shownName)
                try reader.skip()
            }
            return names
        }
    }
}
