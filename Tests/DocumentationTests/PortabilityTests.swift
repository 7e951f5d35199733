import Foundation
import TestSupport
import Testing

/// Programs are written on other systems than the one that they run on.
@Suite struct PortabilityTests {
    /// The targets of the library products, with what they are made of.
    private static let targets = ["JoblineProtocol", "Jobline", "JoblineServer", "JoblineEmbedded", "JoblineTesting"]

    @Test("Libraries import no platform's C library directly", arguments: targets)
    func imports(target: String) throws {
        let folder = "Sources/\(target)"
        let files = try FileManager.default.subpathsOfDirectory(atPath: "\(Project.root)/\(folder)")
        for file in files where file.hasSuffix(".swift") {
            let imports = try Project.text("\(folder)/\(file)").split(separator: "\n").filter { line in
                ["Glibc", "Musl", "Darwin"].contains { line.hasSuffix("import \($0)") }
            }
            #expect(imports.isEmpty, "\(folder)/\(file): import LibC instead of \(imports.joined(separator: ", "))")
        }
    }
}
