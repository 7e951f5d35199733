/// Error in a JSON text.
package struct JSONError: Error, Sendable, Hashable {
    /// Kind of error.
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case syntax, type, missing, range, repeated }
        private let kind: Kind

        /// Invalid syntax, UTF-8 or escape, or too deeply nested.
        package static let syntax = Code(kind: .syntax)
        /// Valid JSON, but a value of the wrong type.
        package static let type = Code(kind: .type)
        /// Required member absent.
        package static let missing = Code(kind: .missing)
        /// Number out of the range of its member.
        package static let range = Code(kind: .range)
        /// Name repeated in an object.
        package static let repeated = Code(kind: .repeated)
    }

    /// Step of a path from the outermost value.
    package enum PathStep: Sendable, Hashable {
        case member(String)
        case index(Int)
    }

    /// Kind of error.
    package let code: Code
    /// Lower-case clause with the expected and the found value.
    package let message: String
    /// Offset in bytes from the start of the text, if known.
    package let offset: Int
    /// Path from the outermost value to the invalid one.
    package private(set) var path: [PathStep] = []

    package init(_ code: Code, _ message: String, offset: Int) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// Returns the same error for the enclosing value.
    package func inside(_ step: PathStep) -> JSONError {
        var error = self
        error.path.insert(step, at: 0)
        return error
    }

    /// Returns the same error without the path inside a map or document, whose names are the caller's own text.
    func atOuterValue() -> JSONError {
        path.isEmpty
            ? self : JSONError(code, (code == .repeated ? "a name in it " : "a value: ") + message, offset: offset)
    }

    /// Path in the notation of `data.path`: `Filter.JobName`, `rules[2].ruleName`; empty for the outermost value.
    package var pathDescription: String {
        var text = ""
        for step in path {
            switch step {
            case .member(let name): text += text.isEmpty ? name : "." + name
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
