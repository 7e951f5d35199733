internal import Yams

/// Mapping of a contract file, whose unknown keys are reported.
struct Fields {
    /// Key and its value.
    struct Entry {
        let key: String
        let node: Node
        let location: Diagnostic.Location
    }

    let location: Diagnostic.Location
    let entries: [Entry]
    /// Description of the mapping for messages, such as "operation Ping".
    let subject: String
    private let file: String
    private let diagnostics: Diagnostics

    /// Reads `node` as a mapping; reports an error and returns nil if it is none.
    ///
    /// - Parameter location: Line that names the mapping; its first line if nil.
    init?(
        _ node: Node, _ subject: String, at location: Diagnostic.Location? = nil, file: String, diagnostics: Diagnostics
    ) {
        let location = location ?? Diagnostic.Location(file: file, line: node.mark?.line ?? 1)
        guard case .mapping(let mapping) = node else {
            diagnostics.note("\(subject): expected a mapping", at: location)
            return nil
        }
        self.location = location
        self.subject = subject
        self.file = file
        self.diagnostics = diagnostics
        entries = mapping.map { key, value in
            let line = key.mark?.line ?? value.mark?.line ?? location.line
            return Entry(
                key: key.scalar?.string ?? "?", node: value, location: Diagnostic.Location(file: file, line: line))
        }
    }

    /// Reports every other key.
    func allow(_ keys: String...) {
        for entry in entries where !keys.contains(entry.key) {
            diagnostics.note(
                "\(subject): unknown key \"\(entry.key)\"; known are \(keys.joined(separator: ", "))",
                at: entry.location)
        }
    }

    func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }

    /// Returns the entry of a required key.
    func required(_ key: String) -> Entry? {
        if let entry = entry(key) { return entry }
        diagnostics.note("\(subject): \"\(key)\" is missing", at: location)
        return nil
    }

    /// Returns the text of a required key.
    func requiredText(_ key: String) -> String { required(key).flatMap(text) ?? "" }

    func optionalText(_ key: String) -> String? { entry(key).flatMap(text) }

    /// Returns a flag; false if absent.
    func flag(_ key: String) -> Bool {
        guard let entry = entry(key), let text = text(entry) else { return false }
        switch text {
        case "true": return true
        case "false": return false
        default:
            note("\(subject): \"\(key)\" is true or false", entry)
            return false
        }
    }

    /// Returns the text of an entry that must be a scalar.
    func text(_ entry: Entry) -> String? {
        if let text = entry.node.scalar?.string { return text }
        note("\(subject): \"\(entry.key)\" is a text", entry)
        return nil
    }

    /// Returns one of a fixed set of words.
    func word<Word: RawRepresentable & CaseIterable>(_ key: String, _ type: Word.Type) -> Word?
    where Word.RawValue == String {
        guard let entry = entry(key), let text = text(entry) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        note("\(subject): \"\(key)\" is one of \(words)", entry)
        return nil
    }

    /// Returns the mapping of an entry.
    func mapping(_ entry: Entry, _ subject: String) -> Fields? {
        Fields(entry.node, subject, at: entry.location, file: file, diagnostics: diagnostics)
    }

    func note(_ message: String, _ entry: Entry? = nil) {
        diagnostics.note(message, at: entry?.location ?? location)
    }
}
