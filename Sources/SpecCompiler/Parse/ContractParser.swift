/// File of the contract.
struct SourceFile: Hashable {
    /// Path relative to the root of the package.
    let path: String
    let contents: String
}

extension Contract {
    /// Parses and checks the whole contract.
    ///
    /// - Parameter sources: Files of the contract, in any order.
    /// - Returns: The contract, complete only if `diagnostics` is empty.
    static func parse(_ sources: [SourceFile], diagnostics: Diagnostics) -> Contract {
        let services = sources.sorted { $0.path < $1.path }.compactMap {
            ServiceParser.parse($0, diagnostics: diagnostics)
        }
        let contract = Contract(services: services)
        contract.checkNames(diagnostics)
        return contract
    }

    /// Reports names that are used twice.
    private func checkNames(_ diagnostics: Diagnostics) {
        var seen: [String: Diagnostic.Location] = [:]
        for service in services {
            if let first = seen.updateValue(service.location, forKey: service.swiftName) {
                diagnostics.note(
                    "service \(service.swiftName) is already defined in \(first.file)", at: service.location)
            }
            service.checkMethods(diagnostics)
            service.checkTypes(diagnostics)
            service.checkUse(diagnostics)
        }
    }
}

extension Service {
    fileprivate func checkMethods(_ diagnostics: Diagnostics) {
        var methods: [String: Diagnostic.Location] = [:]
        for method in self.methods {
            if let first = methods.updateValue(method.operation.location, forKey: method.operationName) {
                diagnostics.note(
                    "operation \(method.operationName) is already defined in line \(first.line)",
                    at: method.operation.location)
            }
        }
    }

    fileprivate func checkTypes(_ diagnostics: Diagnostics) {
        var types: [String: Diagnostic.Location] = [:]
        let shapes = structures.map { ($0.name, $0.location) } + enumerations.map { ($0.name, $0.location) }
        let messages = operations.flatMap { operation in
            ["Request", "Response"].map { (SwiftName.type(operation.baseName) + $0, operation.location) }
        }
        for (name, location) in shapes + messages + (families.isEmpty ? [] : [("Family", self.location)]) {
            if let first = types.updateValue(location, forKey: name) {
                diagnostics.note("type \(name) is already defined by line \(first.line)", at: location)
            }
        }
    }

    /// Reports shapes that neither a message nor a notification uses.
    fileprivate func checkUse(_ diagnostics: Diagnostics) {
        let messages = operations.flatMap { operation -> [Member] in
            guard case .members(let response) = operation.response else { return operation.request }
            return operation.request + response
        }
        let used = Set(
            (messages + structures.flatMap(\.members)).flatMap(\.type.parts).compactMap(\.shapeName)
                + operations.compactMap(\.notifies))
        let shapes =
            structures.map { ($0.name, $0.location) } + enumerations.map { ($0.name, $0.location) }
            + scalars.map { ($0.name, $0.location) }
        for (name, location) in shapes where !used.contains(name) {
            diagnostics.note("shape \(name) is unused", at: location)
        }
    }
}
