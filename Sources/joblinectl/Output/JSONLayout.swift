/// Formatter that indents compact JSON by two spaces for each level.
enum JSONLayout {
    /// Formats valid JSON.
    static func indented(_ json: String) -> String {
        var text = ""
        var depth = 0
        var isString = false
        var isEscaped = false
        var opened = false
        for scalar in json.unicodeScalars {
            if isString {
                text.unicodeScalars.append(scalar)
                if isEscaped {
                    isEscaped = false
                } else if scalar == "\\" {
                    isEscaped = true
                } else if scalar == "\"" {
                    isString = false
                }
                continue
            }
            let closes = scalar == "}" || scalar == "]"
            if closes { depth -= 1 }
            // The first member or element, or the end of a non-empty container.
            if opened != closes {
                text += "\n" + String(repeating: "  ", count: depth)
            }
            opened = scalar == "{" || scalar == "["
            if opened { depth += 1 }
            if scalar == "\"" { isString = true }
            text.unicodeScalars.append(scalar)
            if scalar == "," { text += "\n" + String(repeating: "  ", count: depth) }
            if scalar == ":" { text += " " }
        }
        return text
    }
}
