/// Distinct patterns of the contract's requests, each with the name of its constant.
struct Patterns {
    private var names: [String: String] = [:]
    private var ordered: [String] = []

    init(_ contract: Contract) {
        for service in contract.services {
            for scalar in service.scalarsOfRequests {
                add(scalar.constraints.pattern, SwiftName.member(service.name) + SwiftName.type(scalar.name))
            }
            for structure in service.constrainedStructures {
                for member in structure.members {
                    let owner = SwiftName.member(service.name) + structure.name
                    add(member.constraints.pattern, owner + SwiftName.type(member.swiftName))
                }
            }
        }
    }

    private mutating func add(_ pattern: String?, _ name: String) {
        guard let pattern, names[pattern] == nil else { return }
        names[pattern] = name
        ordered.append(pattern)
    }

    /// Returns an expression for the pattern's constant.
    func constant(_ pattern: String) -> String { ".\(names[pattern] ?? "missing")" }

    func render() -> String {
        var writer = SourceWriter()
        writer.block("extension Pattern") { writer in
            for (index, pattern) in ordered.enumerated() {
                if index > 0 { writer.blank() }
                render(pattern, &writer)
            }
            writer.blank()
            writer.doc("All patterns of the contract.")
            writer.line("static let all: [Pattern] = [")
            writer.indented { writer in
                for pattern in ordered { writer.line(".\(names[pattern] ?? "missing"),") }
            }
            writer.line("]")
        }
        return writer.text
    }

    private func render(_ pattern: String, _ writer: inout SourceWriter) {
        let declaration = "static let \(names[pattern] ?? "missing") = Pattern("
        let traits = PatternTraits(pattern)
        var arguments: [String] = []
        if let repeated = traits.repeatedClass { arguments.append("repeated: \(rawLiteral(repeated))") }
        if traits.isSingleLine { arguments.append("singleLine: true") }
        guard writer.fits(declaration + rawLiteral(pattern)), pattern.count < SourceWriter.width - 20 else {
            writer.line(declaration)
            writer.indented { $0.pieces(pattern, isLast: arguments.isEmpty) }
            writer.indented { writer in
                for argument in arguments { writer.line(argument) }
            }
            writer.line(")")
            return
        }
        writer.list(declaration, [rawLiteral(pattern)] + arguments, ")")
    }
}

extension SourceWriter {
    /// Writes a long literal as a sum of pieces, if possible cut after alternatives and slashes.
    fileprivate mutating func pieces(_ text: String, isLast: Bool) {
        var pieces: [String] = []
        var rest = Substring(text)
        while rest.count > 90 {
            let end = rest.index(rest.startIndex, offsetBy: 89)
            let cut = rest.prefix(90).lastIndex { "|:/".contains($0) } ?? end
            pieces.append(String(rest[...cut]))
            rest = rest[rest.index(after: cut)...]
        }
        pieces.append(String(rest))
        let end = isLast ? "" : ","
        for (index, piece) in pieces.enumerated() {
            let tail = index + 1 < pieces.count ? "" : end
            if index == 0 { line(rawLiteral(piece) + tail) }
            if index > 0 { indented { $0.line("+ " + rawLiteral(piece) + tail) } }
        }
    }
}
