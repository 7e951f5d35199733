internal import Foundation

/// A file of `proto-spec/vectors`: cases of one theme, all for a daemon of the same settings.
package struct VectorFile: Sendable, CustomStringConvertible {
    /// Side that receives the bytes.
    package enum Direction: String, Sendable {
        case toServer, toClient
    }

    /// Its name, without `.json`.
    package let name: String
    package let about: String
    package let direction: Direction
    /// Settings that the daemon needs, as in its configuration file; nil: none.
    package let requires: JSONValue?
    /// True if each vector needs a daemon of its own, because it ends it.
    package let isFresh: Bool
    package let vectors: [Vector]

    package var description: String { name }

    private init(name: String, _ content: JSONValue) throws {
        self.name = name
        guard let about = content["about"]?.string, let vectors = content["vectors"]?.array,
            let direction = (content["direction"]?.string).flatMap(Direction.init)
        else { throw TestFailure("\(name).json: about, direction and vectors are expected") }
        self.about = about
        self.direction = direction
        requires = content["requires"]
        isFresh = content["fresh"]?.bool ?? false
        self.vectors = try vectors.map { try Vector($0, in: name) }
        let known: Set = ["about", "direction", "requires", "fresh", "vectors"]
        if let odd = content.object?.keys.first(where: { !known.contains($0) }) {
            throw TestFailure("\(name).json: unknown member \(odd)")
        }
    }

    /// Every file, by name; read once.
    package static func all() throws -> [VectorFile] { try files.get() }

    private static let files = Result { try read() }

    private static func read() throws -> [VectorFile] {
        let folder = Project.file("proto-spec/vectors")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
        return try names.sorted().map { name in
            let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
            return try VectorFile(
                name: String(name.dropLast(5)), try JSONDecoder().decode(JSONValue.self, from: data))
        }
    }
}

/// One case: what is sent, what comes back, and whether the connection lives on.
package struct Vector: Sendable, CustomStringConvertible {
    package let name: String
    package let why: String
    /// True if the connection serves a ping afterwards.
    package let isSurvivable: Bool
    /// False if the bytes mean something else when they come in pieces: where time is what the vector is about.
    package let isSplittable: Bool
    /// Everything else that the file says of it.
    package let content: JSONValue

    package var description: String { name }

    fileprivate init(_ content: JSONValue, in file: String) throws {
        guard let name = content["name"]?.string, let why = content["why"]?.string, !why.isEmpty else {
            throw TestFailure("\(file).json: a vector without name or why")
        }
        self.name = name
        self.why = why
        self.content = content
        isSurvivable = content["survivable"]?.bool ?? false
        isSplittable = content["split"]?.bool ?? true
    }
}
