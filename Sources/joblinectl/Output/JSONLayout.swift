/// Compact JSON laid out for a reader, two spaces a level.
enum JSONLayout {
    /// Lays out a text that is known to be JSON.
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
            // The first thing inside, or the end of what is not empty.
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
