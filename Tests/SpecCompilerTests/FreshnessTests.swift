import Testing

@testable import SpecCompiler

@Suite("The generated folders")
struct FreshnessTests {
    /// The root of the package.
    private var workspace: Workspace {
        let path = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return Workspace(root: path.joined(separator: "/"))
    }

    @Test("hold what the contract says")
    func fresh() throws {
        let diagnostics = Diagnostics()
        let sources = try workspace.contractFiles()
        let contract = Contract.parse(sources, diagnostics: diagnostics)
        #expect(sources.count >= 5)
        #expect(diagnostics.all.map(\.description) == [])
        let differences = try workspace.differences(from: contract.render())
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }
}
