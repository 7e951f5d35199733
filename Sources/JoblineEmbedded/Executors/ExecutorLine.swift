internal import JoblineProtocol
internal import NIOCore

/// Line that an executor writes to standard output.
enum ExecutorLine: Sendable, Hashable {
    /// Processed file. Paths are relative to the input and the output directory.
    case processed(input: String, output: String, characters: Int)
    /// File that was not processed, with the reason.
    case unprocessed(input: String, reason: String)
    /// Metrics of the whole job, as JSON.
    case metrics(String)
    /// Progress from 0 to 1.
    case progress(Double)
    /// Message for the caller.
    case message(String)
    /// Version of the model.
    case modelVersion(String)

    /// Possible members of a line, which has exactly one.
    private static let members = "processed, unprocessed, metrics, progress, message and modelVersion"

    /// Parses a line.
    ///
    /// - Throws: The error with its path and offset.
    init(_ line: [UInt8]) throws(JSONError) {
        self = try JSONReader.read(ByteBuffer(bytes: line)) { (reader) throws(JSONError) in
            var found: [ExecutorLine] = []
            try reader.object { (reader, key) throws(JSONError) in
                switch key {
                case "processed": found.append(try Self.processed(&reader))
                case "unprocessed": found.append(try Self.unprocessed(&reader))
                case "metrics": found.append(.metrics(try Self.metrics(&reader)))
                case "progress": found.append(.progress(try Self.progress(&reader)))
                case "message": found.append(.message(try reader.string()))
                case "modelVersion": found.append(.modelVersion(try Self.modelVersion(&reader)))
                default: throw JSONError(.type, "expected one of \(Self.members)", offset: reader.offset)
                }
            }
            guard found.count == 1, let line = found.first else {
                throw JSONError(.missing, "expected exactly one of \(Self.members)", offset: 0)
            }
            return line
        }
    }

    private static func processed(_ reader: inout JSONReader) throws(JSONError) -> ExecutorLine {
        var input: String?
        var output: String?
        var characters = 0
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "input": input = try reader.string()
            case "output": output = try reader.string()
            case "characters":
                characters = try reader.value()
                guard (0...Int(Int32.max)).contains(characters) else {
                    throw JSONError(.range, "expected a number of characters", offset: reader.offset)
                }
            default: try reader.skip()
            }
        }
        return .processed(
            input: try reader.required(input, "input"), output: try reader.required(output, "output"),
            characters: characters)
    }

    private static func unprocessed(_ reader: inout JSONReader) throws(JSONError) -> ExecutorLine {
        var input: String?
        var reason: String?
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "input": input = try reader.string()
            case "reason": reason = try reader.string()
            default: try reader.skip()
            }
        }
        return .unprocessed(input: try reader.required(input, "input"), reason: try reader.required(reason, "reason"))
    }

    private static func progress(_ reader: inout JSONReader) throws(JSONError) -> Double {
        let progress: Double = try reader.value()
        guard (0...1).contains(progress) else {
            throw JSONError(.range, "expected a number from 0 to 1", offset: reader.offset)
        }
        return progress
    }

    private static func modelVersion(_ reader: inout JSONReader) throws(JSONError) -> String {
        let version = try reader.string()
        guard ExecutorConfiguration.modelVersionLength.contains(version.unicodeScalars.count) else {
            let length = ExecutorConfiguration.modelVersionLength
            throw JSONError(
                .range, "expected \(length.lowerBound) to \(length.upperBound) characters", offset: reader.offset)
        }
        return version
    }

    /// Copies a JSON object; throws for any other type.
    private static func metrics(_ reader: inout JSONReader) throws(JSONError) -> String {
        guard try reader.peek() == UInt8(ascii: "{") else {
            throw JSONError(.type, "expected an object", offset: reader.offset)
        }
        return String(buffer: try JSONDocument(from: &reader).json())
    }
}
