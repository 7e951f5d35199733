internal import JoblineProtocol

extension JobOutcome: JSONCodable {
    init(from reader: inout JSONReader) throws(JSONError) {
        var event: String?
        var message: String?
        var metrics: String?
        var manifest: String?
        var modelVersion: String?
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "event": event = try reader.value()
            case "message": message = try reader.value()
            case "metrics": metrics = try reader.value()
            case "manifest": manifest = try reader.value()
            case "modelVersion": modelVersion = try reader.value()
            default: try reader.skip()
            }
        }
        guard let known = JobEvent(rawValue: try reader.required(event, "event")) else {
            throw JSONError(.range, "an unknown event", offset: reader.offset)
        }
        self.init(known, message: message, metrics: metrics, manifest: manifest, modelVersion: modelVersion)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("event", event.rawValue)
            writer.member("message", message)
            writer.member("metrics", metrics)
            writer.member("manifest", manifest)
            writer.member("modelVersion", modelVersion)
        }
    }
}
