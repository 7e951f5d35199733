/// Something that is wrong with the contract, and where.
struct Diagnostic: Error, Hashable, CustomStringConvertible {
    /// A place in one of the contract's files.
    struct Location: Hashable, Comparable, CustomStringConvertible {
        /// Relative to the root of the package.
        let file: String
        /// From 1.
        let line: Int

        var description: String { "\(file):\(line)" }

        static func < (left: Location, right: Location) -> Bool {
            (left.file, left.line) < (right.file, right.line)
        }
    }

    let location: Location
    /// A lower-case clause that names the thing and the way out.
    let message: String

    var description: String { "\(location): \(message)" }
}

/// Collects what is wrong, so that one run shows all of it.
final class Diagnostics {
    private(set) var all: [Diagnostic] = []

    /// Notes that something is wrong and goes on.
    func note(_ message: String, at location: Diagnostic.Location) {
        all.append(Diagnostic(location: location, message: message))
    }

    /// In the order of the files and lines.
    var sorted: [Diagnostic] { all.sorted { $0.location < $1.location } }
}
