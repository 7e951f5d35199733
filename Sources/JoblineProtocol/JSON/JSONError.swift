/// Why JSON text could not be read.
package struct JSONError: Error, Sendable, Hashable {
    /// The kind of failure.
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable { case syntax, type, missing, range, repeated }
        private let kind: Kind

        /// The text is not JSON as this project reads it: grammar, UTF-8, escapes, depth.
        package static let syntax = Code(kind: .syntax)
        /// The text is JSON, but a value has another type than the message says.
        package static let type = Code(kind: .type)
        /// A required member is absent.
        package static let missing = Code(kind: .missing)
        /// A number does not fit the type of its member.
        package static let range = Code(kind: .range)
        /// An object has two members of the same name.
        package static let repeated = Code(kind: .repeated)
    }

    /// One step from the outermost value to the one that failed.
    package enum PathStep: Sendable, Hashable {
        case member(String)
        case index(Int)
    }

    /// The kind of failure.
    package let code: Code
    /// A lower-case clause that says what was expected and what was found.
    package let message: String
    /// Offset in bytes from the start of the text, where it is known.
    package let offset: Int
    /// From the outermost value to the failing one.
    package private(set) var path: [PathStep] = []

    package init(_ code: Code, _ message: String, offset: Int) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// The same error, seen from one level further out.
    package func inside(_ step: PathStep) -> JSONError {
        var error = self
        error.path.insert(step, at: 0)
        return error
    }

    /// The same error, placed at a map or document instead of inside it, because the names in there are the caller's own text.
    func atOuterValue() -> JSONError {
        path.isEmpty
            ? self : JSONError(code, (code == .repeated ? "a name in it " : "a value: ") + message, offset: offset)
    }

    /// The path in the notation of `data.path`: `Filter.JobName`, `rules[2].ruleName`; empty for the outermost value.
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
