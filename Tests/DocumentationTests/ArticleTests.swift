import Foundation
import TestSupport
import Testing

/// Swift code of the SDK's articles and the README, which is compiled here.
@Suite struct ArticleTests {
    static let articles = Result {
        let catalogues = ["Sources/Jobline/Jobline.docc", "Sources/JoblineTesting/JoblineTesting.docc"]
        return try ["README.md"]
            + catalogues.flatMap { catalogue in
                try FileManager.default.contentsOfDirectory(atPath: "\(Project.root)/\(catalogue)").sorted()
                    .filter { $0.hasSuffix(".md") }.map { "\(catalogue)/\($0)" }
            }
    }

    /// The lines of code without what is around them.
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("import ") }
    }

    private static func sources() throws -> [[String]] {
        let folder = "Tests/DocumentationTests"
        let files = try FileManager.default.subpathsOfDirectory(atPath: "\(Project.root)/\(folder)")
        return try files.filter { $0.hasSuffix(".swift") }.map { lines(try Project.text("\(folder)/\($0)")) }
    }

    @Test("Each code block of an article is in a tested file, line by line")
    func blocks() throws {
        let sources = try Self.sources()
        var count = 0
        for article in try Self.articles.get() {
            for block in try Project.text(article).components(separatedBy: "```swift\n").dropFirst() {
                let shown = Self.lines(block.components(separatedBy: "```")[0])
                count += 1
                #expect(
                    sources.contains { source in source.indices.contains { source[$0...].starts(with: shown) } },
                    "\(article): \(shown.first ?? "an empty block")")
            }
        }
        #expect(count > 15)
    }
}
