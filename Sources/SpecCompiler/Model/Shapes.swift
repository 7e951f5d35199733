/// Message or part of a message.
struct Structure {
    var name: String
    var doc: String
    var members: [Member]
    /// Wire names of members of which at most one can be present.
    var exclusive: [String]
    var location: Diagnostic.Location
}

/// String with a list of known values.
struct Enumeration {
    struct Value {
        /// Value on the wire.
        var name: String
        var doc: String
    }

    var name: String
    var doc: String
    var values: [Value]
    var location: Diagnostic.Location
}

/// Named string or number with constraints.
struct Scalar: Hashable {
    var name: String
    var doc: String
    var type: BuiltinType
    var constraints: Constraints
    var sensitive: Bool
    var location: Diagnostic.Location
}

/// Member of a message.
struct Member {
    /// Name on the wire.
    var name: String
    var swiftName: String
    var doc: String
    var type: TypeReference
    var required: Bool
    /// Whether it is an idempotency token, which the client sets.
    var isToken: Bool
    /// Error type if this member is invalid; nil for the operation's default.
    var invalidType: String?
    /// Constraints in addition to those of its type.
    var constraints: Constraints
    var sensitive: Bool
    var location: Diagnostic.Location
}

/// Type that the contract does not define.
enum BuiltinType: String, CaseIterable {
    case string, integer, long, double, boolean, timestamp, document, id

    var swiftName: String {
        switch self {
        case .string: "String"
        case .integer, .long: "Int"
        case .double: "Double"
        case .boolean: "Bool"
        case .timestamp: "Timestamp"
        case .document: "JSONDocument"
        case .id: "RequestID"
        }
    }

    var isNumber: Bool { self == .integer || self == .long || self == .double }
}

/// Type of a member.
indirect enum TypeReference: Hashable {
    case builtin(BuiltinType)
    case scalar(Scalar)
    case structure(String)
    case enumeration(String)
    case list(TypeReference)
    case map(keys: TypeReference, values: TypeReference)

    /// Returns the type in Swift.
    ///
    /// - Parameter namespace: Prefix of the service's own types; nil inside the namespace.
    func swiftName(in namespace: String? = nil) -> String {
        switch self {
        case .builtin(let type): type.swiftName
        case .scalar(let scalar): scalar.type.swiftName
        case .structure(let name), .enumeration(let name): namespace.map { "\($0).\(name)" } ?? name
        case .list(let element): "[\(element.swiftName(in: namespace))]"
        case .map(_, let values): "[String: \(values.swiftName(in: namespace))]"
        }
    }

    /// Name of the shape, if it is one.
    var shapeName: String? {
        switch self {
        case .scalar(let scalar): scalar.name
        case .structure(let name), .enumeration(let name): name
        case .builtin, .list, .map: nil
        }
    }

    /// Builtin type of a single value; nil for other types.
    var builtin: BuiltinType? {
        switch self {
        case .builtin(let type): type
        case .scalar(let scalar): scalar.type
        case .structure, .enumeration, .list, .map: nil
        }
    }

    var isCollection: Bool {
        switch self {
        case .list, .map: true
        case .builtin, .scalar, .structure, .enumeration: false
        }
    }
}

/// Constraints of a value in addition to its type.
struct Constraints: Hashable {
    /// Inclusive bounds; nil if a side is open.
    struct Bounds: Hashable {
        var lower: Int?
        var upper: Int?
    }

    /// Number of Unicode scalars of a string, or of elements of a list or map.
    var length: Bounds?
    /// Range of a number.
    var range: Bounds?
    /// Regular expression that the whole string must match.
    var pattern: String?
    /// Text that a string must not contain.
    var excludes: String?

    var isEmpty: Bool { self == Constraints() }
}
