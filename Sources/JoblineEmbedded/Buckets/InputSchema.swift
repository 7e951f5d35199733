internal import JoblineProtocol
internal import NIOCore

/// Parser of schema files, which are written by hand in any editor.
enum InputSchema {
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Reads a schema, skipping a UTF-8 byte order mark.
    ///
    /// - Parameters:
    ///   - content: Bytes of the file.
    ///   - name: Name of the schema, for errors.
    /// - Throws: `unusable` if the content is not UTF-8, not JSON, or has no fields.
    static func read(_ content: [UInt8], called name: String) throws(PathError) -> JSONDocument {
        let text = content.starts(with: byteOrderMark) ? content.dropFirst(byteOrderMark.count) : content[...]
        // JSON has no NUL bytes, and UTF-16 has one in each ASCII character.
        if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF]) || text.contains(0) {
            throw PathError(.unusable, "the schema \(name) is UTF-16 or binary: save its file as UTF-8")
        }
        guard String(validating: text, as: UTF8.self) != nil else {
            throw PathError(.unusable, "the schema \(name) is not UTF-8: save its file as UTF-8")
        }
        let json = ByteBuffer(bytes: text)
        do {
            let document = try JSONDocument(json: json)
            try check(json)
            return document
        } catch {
            let place = error.pathDescription
            let problem = place.isEmpty ? error.message : "\(place): \(error.message)"
            throw PathError(
                .unusable,
                error.code == .syntax
                    ? "the schema \(name) is not JSON: \(error.message) at byte \(error.offset + content.count - text.count)"
                    : "the schema \(name) is not a schema mapping: \(problem)")
        }
    }

    /// Throws unless the schema has at least one field and each field has a name.
    private static func check(_ json: ByteBuffer) throws(JSONError) {
        try JSONReader.read(json) { (reader) throws(JSONError) in
            var fields: Int?
            try reader.object { (reader, key) throws(JSONError) in
                switch key {
                case "mappedInputFields":
                    var count = 0
                    try reader.array { (reader) throws(JSONError) in
                        try checkField(&reader)
                        count += 1
                    }
                    fields = count
                default: try reader.skip()
                }
            }
            guard try reader.required(fields, "mappedInputFields") > 0 else {
                throw JSONError(.missing, "has no field", offset: reader.offset).inside(.member("mappedInputFields"))
            }
        }
    }

    private static func checkField(_ reader: inout JSONReader) throws(JSONError) {
        var name: String?
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "fieldName": name = try reader.string()
            default: try reader.skip()
            }
        }
        guard try !reader.required(name, "fieldName").isEmpty else {
            throw JSONError(.missing, "is empty", offset: reader.offset).inside(.member("fieldName"))
        }
    }
}
