/// Message, or part of one, with constraints that are checked before it is processed.
package protocol Constrained: Sendable {
    /// Checks the constraints of all members.
    ///
    /// - Throws: The first violation.
    func checkConstraints() throws(ConstraintViolation)
}

// Checks called by generated code, one for each member; absent members are valid.

extension Constrained {
    func check(_ member: StaticString, _ value: String?, _ rule: StringRule) throws(ConstraintViolation) {
        guard let value, let message = rule.violation(value) else { return }
        throw ConstraintViolation(path: "\(member)", message)
    }

    func check<Number: Comparable>(
        _ member: StaticString, _ value: Number?, in range: ClosedRange<Number>
    ) throws(ConstraintViolation) {
        guard let value, !range.contains(value) else { return }
        throw ConstraintViolation(path: "\(member)", "has to be in \(range)")
    }

    func check(_ member: StaticString, _ value: (some Constrained)?) throws(ConstraintViolation) {
        do throws(ConstraintViolation) { try value?.checkConstraints() } catch { throw error.inside(member) }
    }

    func check<Value: OpenEnumeration>(_ member: StaticString, _ value: Value?) throws(ConstraintViolation) {
        guard let value, !value.isKnown else { return }
        throw ConstraintViolation(path: "\(member)", Value.expectation)
    }

    func checkExclusive(_ members: [(name: StaticString, isThere: Bool)]) throws(ConstraintViolation) {
        guard members.count(where: \.isThere) > 1 else { return }
        throw ConstraintViolation("only one of \(members.map { "\($0.name)" }.joined(separator: ", ")) may be given")
    }
}

// MARK: - Lists and maps

extension Constrained {
    func check(
        _ member: StaticString, _ value: (some Collection)?, count range: ClosedRange<Int>
    ) throws(ConstraintViolation) {
        guard let value, let message = range.violation(length: value.count) else { return }
        throw ConstraintViolation(path: "\(member)", message)
    }

    func check(_ member: StaticString, each list: [some Constrained]?) throws(ConstraintViolation) {
        for (index, element) in (list ?? []).enumerated() {
            do throws(ConstraintViolation) {
                try element.checkConstraints()
            } catch {
                throw error.inside(index).inside(member)
            }
        }
    }

    func check<Value: OpenEnumeration>(_ member: StaticString, each list: [Value]?) throws(ConstraintViolation) {
        guard let index = list?.firstIndex(where: { !$0.isKnown }) else { return }
        throw ConstraintViolation(Value.expectation).inside(index).inside(member)
    }

    func check(_ member: StaticString, each list: [String]?, _ rule: StringRule) throws(ConstraintViolation) {
        for (index, element) in (list ?? []).enumerated() {
            if let message = rule.violation(element) { throw ConstraintViolation(message).inside(index).inside(member) }
        }
    }

    // In a map, the path ends at the map, because keys are the caller's own text.

    func check(
        _ member: StaticString, keysOf map: [String: some Any]?, _ rule: StringRule
    ) throws(ConstraintViolation) {
        for key in (map ?? [:]).keys {
            if let message = rule.violation(key) { throw ConstraintViolation(path: "\(member)", "a key: " + message) }
        }
    }

    func check(
        _ member: StaticString, valuesOf map: [String: String]?, _ rule: StringRule
    ) throws(ConstraintViolation) {
        for value in (map ?? [:]).values {
            guard let message = rule.violation(value) else { continue }
            throw ConstraintViolation(path: "\(member)", "a value: " + message)
        }
    }

    func check<Key: OpenEnumeration>(
        _ member: StaticString, keysOf map: [String: some Any]?, known type: Key.Type
    ) throws(ConstraintViolation) {
        guard let map, !map.keys.allSatisfy({ Key(rawValue: $0).isKnown }) else { return }
        throw ConstraintViolation(path: "\(member)", "a key: " + Key.expectation)
    }

    func check<Number: Comparable>(
        _ member: StaticString, valuesOf map: [String: Number]?, in range: ClosedRange<Number>
    ) throws(ConstraintViolation) {
        guard let map, !map.values.allSatisfy(range.contains) else { return }
        throw ConstraintViolation(path: "\(member)", "a value: has to be in \(range)")
    }
}
