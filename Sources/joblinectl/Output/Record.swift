/// Names and values, one pair a line, with aligned values.
struct Record {
    private var fields: [(name: String, value: String)] = []

    /// Adds a line; nothing if the value is nil.
    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        fields.append((name, Terminal.plain(value)))
    }

    var text: String {
        let width = fields.map(\.name.count).max() ?? 0
        return fields.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }.joined(separator: "\n")
    }
}
