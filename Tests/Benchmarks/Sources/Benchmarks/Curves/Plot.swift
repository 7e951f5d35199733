internal import Foundation

/// A line diagram whose x axis is logarithmic and whose y axis begins at 0, as an SVG that can be read on light and on dark.
struct Plot {
    struct Line {
        let name: String
        let points: [(x: Double, y: Double)]
    }

    let title: String
    let xLabel: String
    let yLabel: String
    let lines: [Line]

    private static let size = (width: 340.0, height: 300.0)
    /// Between the axes and the edge, for what is written there.
    private static let margin = (left: 62.0, right: 14.0, top: 34.0, bottom: 64.0)
    private static let colors = ["first", "second"]

    /// - Returns: An SVG of the plots side by side.
    static func svg(_ plots: [Plot]) -> String {
        let width = size.width * Double(plots.count)
        let drawn = plots.enumerated().map { index, plot in
            "<g transform=\"translate(\(number(Double(index) * size.width)) 0)\">\n\(plot.elements)\n</g>"
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(size.height))" \
            width="\(number(width))" height="\(number(size.height))" role="img">
            <style>
            text { font: 11px system-ui, sans-serif; fill: #444c56 }
            .title { font-size: 13px; font-weight: 600 }
            .axis { stroke: #8c959f; fill: none }
            .grid { stroke: #8c959f; stroke-opacity: 0.25 }
            .line { fill: none; stroke-width: 2 }
            .first .line { stroke: #0969da } .first circle, text.first { fill: #0969da }
            .second .line { stroke: #bc4c00 } .second circle, text.second { fill: #bc4c00 }
            @media (prefers-color-scheme: dark) {
            text { fill: #adbac7 }
            .first .line { stroke: #6cb6ff } .first circle, text.first { fill: #6cb6ff }
            .second .line { stroke: #f69d50 } .second circle, text.second { fill: #f69d50 }
            }
            </style>
            \(drawn.joined(separator: "\n"))
            </svg>

            """
    }

    private var elements: String {
        let bottom = Self.size.height - Self.margin.bottom
        let right = Self.size.width - Self.margin.right
        let middle = (Self.margin.left + right) / 2
        var elements = [
            Self.text(title, middle, 18, anchor: "middle", style: "title"),
            Self.text(xLabel, middle, bottom + 34, anchor: "middle"),
            "<g transform=\"translate(12 \(Self.number((Self.margin.top + bottom) / 2))) rotate(-90)\">"
                + Self.text(yLabel, 0, 0, anchor: "middle") + "</g>",
        ]
        for tick in yTicks {
            elements.append(Self.path("grid", [(Self.margin.left, y(tick)), (right, y(tick))]))
            elements.append(Self.text(Self.short(tick), Self.margin.left - 6, y(tick) + 4, anchor: "end"))
        }
        for tick in xTicks {
            elements.append(Self.path("axis", [(x(tick), bottom), (x(tick), bottom + 4)]))
            elements.append(Self.text(Self.short(tick), x(tick), bottom + 17, anchor: "middle"))
        }
        let corner = (Self.margin.left, bottom)
        elements.append(Self.path("axis", [(Self.margin.left, Self.margin.top), corner, (right, bottom)]))
        for (index, line) in lines.enumerated() {
            let color = Self.colors[index % Self.colors.count]
            let marks = line.points.map { point in
                """
                <circle cx="\(Self.number(x(point.x)))" cy="\(Self.number(y(point.y)))" r="3">\
                <title>\(Show.count(Int(point.x))): \(Show.count(Int(point.y)))</title></circle>
                """
            }
            let drawn = Self.path("line", line.points.map { (x($0.x), y($0.y)) })
            elements.append("<g class=\"\(color)\">\(drawn)\(marks.joined())</g>")
            let place = Self.margin.left + Double(index) * 110
            elements.append(Self.text("● \(line.name)", place, bottom + 54, anchor: "start", style: color))
        }
        return elements.joined(separator: "\n")
    }

    // MARK: - Places

    private var xTicks: [Double] { lines.first?.points.map(\.x) ?? [] }

    private func x(_ value: Double) -> Double {
        let (least, most) = (xTicks.min() ?? 1, xTicks.max() ?? 1)
        let share = most > least ? log(value / least) / log(most / least) : 0
        return Self.margin.left + 12 + share * (Self.size.width - Self.margin.left - Self.margin.right - 24)
    }

    private func y(_ value: Double) -> Double {
        let height = Self.size.height - Self.margin.top - Self.margin.bottom
        return Self.margin.top + height * (1 - value / (yTicks.last ?? 1))
    }

    /// Ticks from 0 to above all values, in steps of 1, 2 or 5 times a power of ten.
    private var yTicks: [Double] {
        let most = max(lines.flatMap(\.points).map(\.y).max() ?? 1, 1)
        let power = pow(10, floor(log10(most / 4)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 * 5 >= most } ?? most
        return Array(stride(from: 0, through: (most / step).rounded(.up) * step, by: step))
    }

    // MARK: - Elements

    private static func text(
        _ text: String, _ x: Double, _ y: Double, anchor: String, style: String = ""
    ) -> String {
        "<text\(style.isEmpty ? "" : " class=\"\(style)\"") x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(text)</text>"
    }

    private static func path(_ style: String, _ points: [(x: Double, y: Double)]) -> String {
        let places = points.map { "\(number($0.x)) \(number($0.y))" }
        return "<path class=\"\(style)\" d=\"M\(places.joined(separator: "L"))\"/>"
    }

    /// Number with one decimal place.
    private static func number(_ number: Double) -> String { String(format: "%g", (number * 10).rounded() / 10) }

    /// Number with k and M for thousands and millions.
    private static func short(_ number: Double) -> String {
        switch number {
        case 1_000_000...: Show.plain(number / 1_000_000) + " M"
        case 1000...: Show.plain(number / 1000) + " k"
        default: Show.plain(number)
        }
    }
}
