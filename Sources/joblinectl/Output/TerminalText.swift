/// Width of text on a terminal, in columns.
extension StringProtocol {
    /// Width in columns.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// Returns the text in exactly this number of columns, truncated with an ellipsis or padded with spaces.
    func fitted(to width: Int) -> String {
        let text = cut(to: width)
        return text + String(repeating: " ", count: Swift.max(0, width - text.columns))
    }

    /// Returns the text in at most this number of columns, truncated with an ellipsis.
    func cut(to width: Int) -> String {
        if columns <= width { return String(self) }
        guard width > 0 else { return "" }
        var text = ""
        var used = 1
        for character in self {
            used += character.columns
            if used > width { break }
            text.append(character)
        }
        return text + "…"
    }
}

extension String {
    /// Text without trailing spaces.
    var withoutTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension Character {
    /// Width in columns: 0, 1 or 2.
    var columns: Int {
        var widest = 0
        for scalar in unicodeScalars { widest = Swift.max(widest, scalar.columns) }
        // Variation selector 16 requests a picture instead of a letter.
        return unicodeScalars.contains("\u{FE0F}") ? 2 : widest
    }
}

extension Unicode.Scalar {
    /// Blocks of Unicode that only contain wide characters, after Unicode Annex #11.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF,
        0x1F200...0x1F320, 0x20000...0x3FFFD,
    ]

    fileprivate var columns: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        return properties.isEmojiPresentation || Self.wide.contains { $0.contains(value) } ? 2 : 1
    }
}
