internal import Yams

/// One mapping of a contract file, read key by key, so that every key that nobody asked for is reported.
struct Fields {
    /// A key and what stands behind it.
    struct Entry {
        let key: String
        let node: Node
        let location: Diagnostic.Location
    }

    let location: Diagnostic.Location
    let entries: [Entry]
    /// What the mapping is, for messages: "operation Ping".
    let subject: String
    private let file: String
    private let diagnostics: Diagnostics

    /// Reads `node` as a mapping; notes it and gives nil if it is none.
    ///
    /// - Parameter location: Where the mapping is named; where it begins, if that is nil.
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

    /// Notes keys that do not belong here.
    func allow(_ keys: String...) {
        for entry in entries where !keys.contains(entry.key) {
            diagnostics.note(
                "\(subject): unknown key \"\(entry.key)\"; known are \(keys.joined(separator: ", "))",
                at: entry.location)
        }
    }

    func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }

    /// The entry of a key that has to be there.
    func required(_ key: String) -> Entry? {
        if let entry = entry(key) { return entry }
        diagnostics.note("\(subject): \"\(key)\" is missing", at: location)
        return nil
    }

    /// The text of a key that has to be there.
    func requiredText(_ key: String) -> String { required(key).flatMap(text) ?? "" }

    func optionalText(_ key: String) -> String? { entry(key).flatMap(text) }

    /// A flag, false if absent.
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

    /// The text of an entry that has to be a scalar.
    func text(_ entry: Entry) -> String? {
        if let text = entry.node.scalar?.string { return text }
        note("\(subject): \"\(entry.key)\" is a text", entry)
        return nil
    }

    /// One of a fixed set of words.
    func word<Word: RawRepresentable & CaseIterable>(_ key: String, _ type: Word.Type) -> Word?
    where Word.RawValue == String {
        guard let entry = entry(key), let text = text(entry) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        note("\(subject): \"\(key)\" is one of \(words)", entry)
        return nil
    }

    /// The mapping behind an entry.
    func mapping(_ entry: Entry, _ subject: String) -> Fields? {
        Fields(entry.node, subject, at: entry.location, file: file, diagnostics: diagnostics)
    }

    func note(_ message: String, _ entry: Entry? = nil) {
        diagnostics.note(message, at: entry?.location ?? location)
    }
}
