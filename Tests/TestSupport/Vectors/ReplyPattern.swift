/// Expected reply of a vector: its form, and the members that matter.
package struct ReplyPattern: Sendable, CustomStringConvertible {
    /// `framed` or `bare`.
    package let form: String
    private let members: [String: JSONValue]

    package var description: String { "\(form) \(JSONValue.object(members))" }

    /// Reads patterns, and writes repeated ones out.
    package static func list(_ values: [JSONValue]) throws -> [ReplyPattern] {
        try values.flatMap { value -> [ReplyPattern] in
            if let unit = value["repeat"], let times = value["times"]?.integer {
                return try (1...times).map { try ReplyPattern(unit, number: $0) }
            }
            return [try ReplyPattern(value, number: nil)]
        }
    }

    private init(_ value: JSONValue, number: Int?) throws {
        guard let (form, pattern) = value.object?.first, value.object?.count == 1, ["framed", "bare"].contains(form),
            var members = pattern.object
        else { throw TestFailure("no pattern of a reply: \(value)") }
        let known: Set = ["id", "result", "code", "data", "says", "method", "params"]
        guard known.isSuperset(of: members.keys) else { throw TestFailure("no pattern of a reply: \(value)") }
        if let number, members["id"] == .string("${n}") { members["id"] = .integer(Int64(number)) }
        self.form = form
        self.members = members
    }

    /// Returns the difference to an object; nil if it matches.
    package func mismatch(form: String, _ object: JSONValue) -> String? {
        guard form == self.form else { return "came \(form)" }
        guard object["jsonrpc"] == .string("2.0") else { return "jsonrpc is not \"2.0\"" }
        for (name, expected) in members.sorted(by: { $0.key < $1.key }) {
            if let mismatch = mismatch(name, expected, object) { return mismatch }
        }
        if members["method"] == nil {
            guard members["code"] == nil ? object["result"] != nil : object["error"] != nil else {
                return members["code"] == nil ? "is no result" : "is no error"
            }
            guard object["result"] == nil || object["error"] == nil else { return "is result and error" }
        }
        return nil
    }

    private func mismatch(_ name: String, _ expected: JSONValue, _ object: JSONValue) -> String? {
        switch name {
        case "id", "result", "method", "params":
            object[name]?.isSame(as: expected) == true ? nil : "\(name) is not \(expected)"
        case "code": object["error"]?["code"] == expected ? nil : "code is not \(expected)"
        case "says":
            object["error"]?["message"]?.string?.contains(expected.string ?? "") == true
                ? nil : "message does not say \(expected)"
        default:
            expected.object?.sorted { $0.key < $1.key }.compactMap { member, value in
                Self.fits(object["error"]?["data"]?[member], value) ? nil : "data.\(member) is not \(value)"
            }.first
        }
    }

    /// A range of numbers, a member that must be absent, or exactly this.
    private static func fits(_ found: JSONValue?, _ expected: JSONValue) -> Bool {
        if expected == .null { return found == nil }
        if let from = expected["from"]?.integer, let to = expected["to"]?.integer {
            return found?.integer.map { (from...to).contains($0) } ?? false
        }
        return found?.isSame(as: expected) ?? false
    }
}
