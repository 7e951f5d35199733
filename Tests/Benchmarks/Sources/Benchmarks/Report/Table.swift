internal import Foundation

/// A Markdown table whose first column is text and whose others are numbers.
struct Table {
    let head: [String]
    private var rows: [[String]] = []

    init(_ head: String...) { self.init(head) }

    init(_ head: [String]) { self.head = head }

    mutating func add(_ cells: String...) { add(cells) }

    mutating func add(_ cells: [String]) { rows.append(cells) }

    var text: String {
        let lines = [head, head.indices.map { $0 == 0 ? "---" : "---:" }] + rows
        return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
}

/// Numbers as tables show them.
enum Show {
    /// Nanoseconds as microseconds.
    static func microseconds(_ nanoseconds: UInt64) -> String { count(Int((nanoseconds + 500) / 1000)) + " µs" }

    /// The share of one in the nanoseconds of many, as microseconds.
    static func tenths(_ nanoseconds: UInt64, of count: UInt64) -> String {
        String(format: "%.1f µs", Double(nanoseconds) / Double(max(count, 1)) / 1000)
    }

    /// Duration rounded to the kernel's clock ticks of 10 ms.
    static func seconds(_ duration: Duration) -> String { String(format: "%.2f s", duration / .seconds(1)) }

    static func ratio(_ left: UInt64, _ right: UInt64) -> String { ratio(Double(left), Double(max(right, 1))) }

    static func ratio(_ left: Double, _ right: Double) -> String { String(format: "%.2f", left / right) }

    /// Number with three significant digits, or as a whole number if it is large.
    static func decimal(_ number: Double) -> String {
        switch abs(number) {
        case ..<1: String(format: "%.3f", number)
        case ..<100: String(format: "%.2f", number)
        default: count(Int(number.rounded()))
        }
    }

    /// Number with as few digits as possible.
    static func plain(_ number: Double) -> String {
        number == number.rounded() ? count(Int(number)) : String(number)
    }

    /// Number with a comma between thousands.
    static func count(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}

/// Says on standard error how far a benchmark is.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
