/// Text of log entries as bytes. Values cannot leave their line or field.
struct LogText {
    private(set) var bytes: [UInt8] = []

    /// Appends text without escaping it.
    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends text and escapes characters that start a line, control a terminal, or change the direction of text.
    mutating func append(escaping text: String, quotes: Bool = false) {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != Self.quote && $0 != Self.backslash }) {
            bytes.append(contentsOf: text.utf8)
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "\\": append("\\\\")
            case "\"" where quotes: append("\\\"")
            default:
                if Self.isPlain(scalar) {
                    bytes.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
                } else {
                    append("\\u{\(String(scalar.value, radix: 16))}")
                }
            }
        }
    }

    /// Appends a value after an equals sign; in quotes unless it is a plain word.
    mutating func append(value: String) {
        let isWord = value.utf8.allSatisfy {
            (0x21...0x7E).contains($0) && $0 != Self.quote && $0 != Self.backslash && $0 != Self.equals
        }
        if isWord, !value.isEmpty {
            bytes.append(contentsOf: value.utf8)
        } else {
            bytes.append(Self.quote)
            append(escaping: value, quotes: true)
            bytes.append(Self.quote)
        }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let equals = UInt8(ascii: "=")

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}

extension LogEntry {
    /// Appends the message and metadata: `request code=ok method=rpc.ping`.
    func describe(in text: inout LogText) {
        text.append(escaping: message)
        for field in fields {
            text.append(" ")
            text.append(escaping: field.key)
            text.append("=")
            text.append(value: field.value)
        }
    }
}
