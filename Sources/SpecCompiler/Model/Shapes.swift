/// A message, or a part of one.
struct Structure {
    var name: String
    var doc: String
    var members: [Member]
    /// Wire names of members of which at most one may be there.
    var exclusive: [String]
    var location: Diagnostic.Location
}

/// A string of which the contract knows some values.
struct Enumeration {
    struct Value {
        /// As on the wire.
        var name: String
        var doc: String
    }

    var name: String
    var doc: String
    var values: [Value]
    var location: Diagnostic.Location
}

/// A named string or number with its rules.
struct Scalar: Hashable {
    var name: String
    var doc: String
    var type: BuiltinType
    var constraints: Constraints
    var sensitive: Bool
    var location: Diagnostic.Location
}

/// A member of a message.
struct Member {
    /// As on the wire.
    var name: String
    var swiftName: String
    var doc: String
    var type: TypeReference
    var required: Bool
    /// True if it makes a repeated request recognisable, and is filled in by the client.
    var isToken: Bool
    /// The type of the refusal where this member is at fault; nil where the operation's type for it holds.
    var refusal: String?
    /// Rules beside those of its type.
    var constraints: Constraints
    var sensitive: Bool
    var location: Diagnostic.Location
}

/// The types that the contract need not define.
enum BuiltinType: String, CaseIterable {
    case string, integer, long, double, boolean, timestamp, document, id

    /// The Swift type that holds it.
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

/// What a member is made of.
indirect enum TypeReference: Hashable {
    case builtin(BuiltinType)
    case scalar(Scalar)
    case structure(String)
    case enumeration(String)
    case list(TypeReference)
    case map(keys: TypeReference, values: TypeReference)

    /// The type in Swift.
    ///
    /// - Parameter namespace: Stands before the names of the service's own types; nil inside of it.
    func swiftName(in namespace: String? = nil) -> String {
        switch self {
        case .builtin(let type): type.swiftName
        case .scalar(let scalar): scalar.type.swiftName
        case .structure(let name), .enumeration(let name): namespace.map { "\($0).\(name)" } ?? name
        case .list(let element): "[\(element.swiftName(in: namespace))]"
        case .map(_, let values): "[String: \(values.swiftName(in: namespace))]"
        }
    }

    /// The name of the shape, if it is one.
    var shapeName: String? {
        switch self {
        case .scalar(let scalar): scalar.name
        case .structure(let name), .enumeration(let name): name
        case .builtin, .list, .map: nil
        }
    }

    /// The builtin type underneath, if it is one value.
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

/// Rules of a value beside its type.
struct Constraints: Hashable {
    /// Inclusive; nil where a side is open.
    struct Bounds: Hashable {
        var lower: Int?
        var upper: Int?
    }

    /// Unicode scalars of a string, elements of a list or map.
    var length: Bounds?
    /// Of a number.
    var range: Bounds?
    /// Matched whole.
    var pattern: String?
    /// Text that a string must not contain.
    var excludes: String?

    var isEmpty: Bool { self == Constraints() }
}
