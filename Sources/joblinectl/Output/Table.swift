/// Rows under headings, in columns as wide as what is in them.
struct Table {
    private let titles: [String]
    /// The column that gives way where the whole is too wide.
    private let flexible: Int
    private var rows: [[String]] = []

    /// Between two columns.
    private static let gap = "  "
    /// What the flexible column keeps at least.
    private static let minimumWidth = 8

    init(_ titles: [String], flexible: Int) {
        self.titles = titles
        self.flexible = flexible
    }

    mutating func add(_ cells: [String]) { rows.append(cells.map(Terminal.plain)) }

    /// The table as text.
    ///
    /// - Parameter width: Columns to keep to; nil where nothing limits them.
    func text(width: Int?) -> String {
        var widths = titles.indices.map { column in
            rows.reduce(titles[column].columns) { max($0, column < $1.count ? $1[column].columns : 0) }
        }
        if let width {
            let total = widths.reduce(0, +) + Self.gap.count * (widths.count - 1)
            widths[flexible] = max(min(widths[flexible], Self.minimumWidth), widths[flexible] - max(0, total - width))
        }
        return ([titles] + rows).map { line($0, widths) }.joined(separator: "\n")
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = ""
        for (column, cell) in cells.enumerated() {
            if column > 0 { text += Self.gap }
            text += cell.fitted(to: widths[column])
        }
        return text.withoutTrailingSpaces
    }
}
