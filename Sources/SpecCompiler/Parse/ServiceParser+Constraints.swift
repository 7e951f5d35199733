extension ServiceParser {
    /// Returns the constraints in `fields`, each checked against `type`.
    func constraints(_ fields: Fields, of type: TypeReference) -> Constraints {
        var constraints = Constraints()
        let isString = type.builtin == .string
        if let entry = fields.entry("length") {
            constraints.length = bounds(fields, entry)
            if !isString && !type.isCollection {
                fields.note("\(fields.subject): \"length\" belongs to a string, list or map", entry)
            }
            if let lower = constraints.length?.lower, lower < 0 {
                fields.note("\(fields.subject): a length is at least 0", entry)
            }
        }
        if let entry = fields.entry("range") {
            constraints.range = bounds(fields, entry)
            if type.builtin?.isNumber != true {
                fields.note("\(fields.subject): \"range\" belongs to a number", entry)
            }
        }
        if let entry = fields.entry("pattern") {
            constraints.pattern = fields.text(entry)
            if !isString { fields.note("\(fields.subject): \"pattern\" belongs to a string", entry) }
            if let pattern = constraints.pattern, (try? Regex(pattern)) == nil {
                fields.note("\(fields.subject): the pattern does not compile", entry)
            }
        }
        if let entry = fields.entry("excludes") {
            constraints.excludes = fields.text(entry)
            if !isString { fields.note("\(fields.subject): \"excludes\" belongs to a string", entry) }
        }
        if case .scalar(let scalar) = type, !constraints.isEmpty {
            fields.note("\(fields.subject): the rules of \(scalar.name) belong to the shape, not to the member")
        }
        return constraints
    }

    /// Parses `1..500`, `..1024` or `1..`.
    private func bounds(_ fields: Fields, _ entry: Fields.Entry) -> Constraints.Bounds? {
        guard let text = fields.text(entry) else { return nil }
        let sides = text.split(separator: "..", omittingEmptySubsequences: false)
        let numbers = sides.map { Int($0) }
        guard sides.count == 2, zip(sides, numbers).allSatisfy({ $0.isEmpty || $1 != nil }),
            numbers.contains(where: { $0 != nil }), (numbers[0] ?? .min) <= (numbers[1] ?? .max)
        else {
            fields.note("\(fields.subject): \"\(entry.key)\" is written 1..500, ..1024 or 1..", entry)
            return nil
        }
        return Constraints.Bounds(lower: numbers[0], upper: numbers[1])
    }
}
