/// Error in the contract, with its location.
struct Diagnostic: Error, Hashable, CustomStringConvertible {
    /// Line of one of the contract's files.
    struct Location: Hashable, Comparable, CustomStringConvertible {
        /// Path relative to the root of the package.
        let file: String
        /// Line number, counted from 1.
        let line: Int

        var description: String { "\(file):\(line)" }

        static func < (left: Location, right: Location) -> Bool {
            (left.file, left.line) < (right.file, right.line)
        }
    }

    let location: Location
    /// Lower-case clause that names the problem and, where possible, the remedy.
    let message: String

    var description: String { "\(location): \(message)" }
}

/// Collects the errors of a run, so that one run reports all of them.
final class Diagnostics {
    private(set) var all: [Diagnostic] = []

    func note(_ message: String, at location: Diagnostic.Location) {
        all.append(Diagnostic(location: location, message: message))
    }

    /// Errors in the order of files and lines.
    var sorted: [Diagnostic] { all.sorted { $0.location < $1.location } }
}
