/// Table with headings; columns are as wide as their content.
struct Table {
    private let titles: [String]
    /// Columns that are shortened if the table is too wide, in this order.
    private let flexible: [Int]
    private var rows: [[String]] = []

    /// Space between two columns.
    private static let gap = "  "
    /// Minimum width of a shortened column.
    private static let minimumWidth = 8

    init(_ titles: [String], flexible: Int) { self.init(titles, flexible: [flexible]) }

    init(_ titles: [String], flexible: [Int]) {
        self.titles = titles
        self.flexible = flexible
    }

    mutating func add(_ cells: [String]) { rows.append(cells.map(Terminal.plain)) }

    /// Returns the table.
    ///
    /// - Parameter width: Maximum columns; nil for no limit.
    func text(width: Int?) -> String {
        var widths = titles.indices.map { column in
            rows.reduce(titles[column].columns) { max($0, column < $1.count ? $1[column].columns : 0) }
        }
        if let width {
            var surplus = widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - width
            for column in flexible where surplus > 0 {
                let given = min(surplus, max(0, widths[column] - Self.minimumWidth))
                widths[column] -= given
                surplus -= given
            }
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
