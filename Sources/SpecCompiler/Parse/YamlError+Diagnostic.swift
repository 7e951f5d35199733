internal import Yams

extension YamlError {
    /// What is wrong, without the snippet of the text that Yams adds.
    var summary: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _),
            .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
            problem
        case .duplicatedKeysInMapping(let duplicates, _):
            "\(duplicates.map { "\"\($0)\"" }.joined(separator: ", ")) is there twice"
        case .no, .memory, .dataCouldNotBeDecoded: "cannot be read as YAML"
        }
    }

    /// From 1, where it is known.
    var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        case .reader, .writer, .emitter, .representer, .no, .memory, .dataCouldNotBeDecoded: nil
        }
    }
}
