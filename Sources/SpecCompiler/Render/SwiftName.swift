/// Conversion of wire names to Swift names.
enum SwiftName {
    /// Words in upper case inside a name.
    private static let initialisms = ["Id": "ID", "Arn": "ARN"]

    private static let keywords: Set<String> = [
        "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do",
        "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import",
        "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol",
        "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super", "switch", "throw",
        "throws", "true", "try", "typealias", "var", "where", "while",
    ]

    /// `DataAccessRoleArn` → `dataAccessRoleARN`, `KMSKey` → `kmsKey`.
    static func member(_ wireName: String) -> String {
        let words = words(wireName)
        guard let first = words.first else { return wireName }
        let rest = words.dropFirst().map { initialisms[$0] ?? $0 }
        return first.lowercased() + rest.joined()
    }

    /// `IN_PROGRESS` and `IN PROGRESS` → `inProgress`; `BatchSegment` → `batchSegment`.
    static func value(_ wireName: String) -> String {
        let isWord = wireName.allSatisfy { $0.isLetter || $0.isNumber }
        if isWord, wireName.contains(where: \.isLowercase) { return member(wireName) }
        let words = wireName.split { !$0.isLetter && !$0.isNumber }.map { $0.lowercased() }
        guard let first = words.first else { return "empty" }
        return first + words.dropFirst().map(capitalised).joined()
    }

    /// `hello` → `Hello`.
    static func type(_ name: String) -> String { capitalised(name) }

    /// Returns the name in backticks if it is a keyword.
    static func escaped(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

    private static func capitalised(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }

    /// Splits at capitals. A run of capitals and digits is one word; its last capital starts the next word if a small
    /// letter follows.
    private static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        let letters = Array(name)
        for (index, letter) in letters.enumerated() {
            let afterSmall = index > 0 && letters[index - 1].isLowercase
            let beforeSmall = index + 1 < letters.count && letters[index + 1].isLowercase
            if letter.isUppercase, !word.isEmpty, afterSmall || beforeSmall {
                words.append(word)
                word = ""
            }
            word.append(letter)
        }
        return word.isEmpty ? words : words + [word]
    }
}
