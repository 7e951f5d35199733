import Testing

@testable import SpecCompiler

@Suite("Generated files")
struct FreshnessTests {
    private var workspace: Workspace {
        let path = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return Workspace(root: path.joined(separator: "/"))
    }

    @Test("Generated files match the contract")
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
