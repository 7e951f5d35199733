internal import ArgumentParser
internal import Jobline
internal import NIOCore

/// Implements `joblinectl methods`.
struct MethodsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods",
        abstract: "List the methods of the daemon.",
        discussion: """
            LIMIT is the rate limit class of a method. RETRY says when a call with an unknown outcome can be \
            repeated: readonly, idempotent and token always, name after a check whether something of this name \
            exists, never only if nothing was done.
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.withClient { client in
            let document = try await client.discover()
            let methods = try MethodSummary.read(document)
            if output.isJSON {
                for method in methods { try Terminal.line(method.text) }
            } else {
                try Terminal.line(Self.text(methods, width: Terminal.width ?? 80))
            }
        }
    }

    static func text(_ methods: [MethodSummary], width: Int) -> String {
        var table = Table(["METHOD", "LIMIT", "RETRY"], flexible: 0)
        for method in methods { table.add([method.name, method.limit, method.retry]) }
        var lines = table.text(width: nil).split(separator: "\n").map(String.init)[...]
        var text = lines.popFirst() ?? ""
        for (line, method) in zip(lines, methods) {
            text += "\n" + line
            for part in wrap(Terminal.plain(method.summary), width: width - 4) { text += "\n    " + part }
        }
        return text
    }

    private static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

/// Summary of a method in the contract.
struct MethodSummary: Sendable, JSONCodable {
    var name = ""
    var limit = ""
    var retry = ""
    var summary = ""

    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "name": name = try reader.value()
            case "x-limit": limit = try reader.value()
            case "x-retry": retry = try reader.value()
            case "summary": summary = try reader.value()
            default: try reader.skip()
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("limit", limit)
            writer.member("retry", retry)
            writer.member("summary", summary)
        }
    }

    /// Returns the methods of an OpenRPC document.
    static func read(_ document: JSONDocument) throws -> [MethodSummary] {
        do {
            return try JSONReader.read(document.json()) { (reader) throws(JSONError) in
                var methods: [MethodSummary] = []
                try reader.object { (reader, key) throws(JSONError) in
                    switch key {
                    case "methods": methods = try reader.value()
                    default: try reader.skip()
                    }
                }
                return methods
            }
        } catch {
            throw CommandFailure(
                message: "cannot parse the daemon's contract: \(error.message)", status: .internalError)
        }
    }
}
