/// Names and values, one pair a line, the values under one another.
struct Record {
    private var fields: [(name: String, value: String)] = []

    /// Adds a line, or none where there is no value.
    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        fields.append((name, Terminal.plain(value)))
    }

    /// The record as text.
    var text: String {
        let width = fields.map(\.name.count).max() ?? 0
        return fields.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }.joined(separator: "\n")
    }
}
