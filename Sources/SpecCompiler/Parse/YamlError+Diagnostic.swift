internal import Yams

extension YamlError {
    /// Description without the excerpt of the text that Yams adds.
    var summary: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _),
            .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
            problem
        case .duplicatedKeysInMapping(let duplicates, _):
            "\(duplicates.map { "\"\($0)\"" }.joined(separator: ", ")) appears twice"
        case .no, .memory, .dataCouldNotBeDecoded: "cannot be read as YAML"
        }
    }

    /// Returns the line of the error, counted from 1; nil if unknown.
    func line(in yaml: String) -> Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(let duplicates, let context):
            Self.secondLine(of: duplicates.first ?? "", in: yaml, from: context.mark.line) ?? context.mark.line
        case .reader, .writer, .emitter, .representer, .no, .memory, .dataCouldNotBeDecoded: nil
        }
    }

    /// Returns the line of the second occurrence of a key in a mapping; Yams only reports where the mapping begins.
    private static func secondLine(of key: String, in yaml: String, from line: Int) -> Int? {
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).enumerated().dropFirst(line - 1)
        let hits = lines.filter { $1.drop { $0 == " " }.hasPrefix(key + ":") }
        guard let first = hits.first else { return nil }
        let depth = first.element.prefix { $0 == " " }.count
        return hits.dropFirst().first { $1.prefix { $0 == " " }.count == depth }.map { $0.offset + 1 }
    }
}
