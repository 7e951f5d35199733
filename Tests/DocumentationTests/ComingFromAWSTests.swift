import Foundation
import Jobline
import JoblineProtocol
import TestSupport
import Testing

/// The tables of "Coming from Soto or boto3", against the contract.
@Suite struct ComingFromAWSTests {
    /// A row of a table about operations.
    private struct Row {
        let boto3: String
        let soto: String
        let here: String
    }

    private func rows() throws -> [Row] {
        let article = try Project.text("Sources/Jobline/Jobline.docc/ComingFromAWS.md")
        let section = try #require(article.components(separatedBy: "## Operations\n").last)
        return section.components(separatedBy: "\n## ")[0].split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: [" ", "`"]) }
            return cells.count == 3 && cells[2].contains("/")
                ? Row(boto3: cells[0], soto: cells[1], here: cells[2]) : nil
        }
    }

    @Test("Each operation is listed once, with its names in all three APIs")
    func operations() throws {
        let rows = try rows()
        let services = ["ComprehendMedical", "Personalize", "EntityResolution"]
        let methods = Method.allCases.map { $0.rawValue.split(separator: ".") }
            .filter { services.contains(String($0[0])) }
        #expect(rows.count == methods.count)
        for method in methods {
            let operation = String(method[1])
            let row = try #require(rows.first { $0.soto == operation.prefix(1).lowercased() + operation.dropFirst() })
            #expect(row.boto3.replacing("_", with: "") == operation.lowercased())
            #expect(row.boto3.wholeMatch(of: /[a-z0-9]+(_[a-z0-9]+)+/) != nil)
            // Only the case of abbreviations differs, as in `jobID`.
            #expect(row.here.lowercased().hasPrefix("\(method[0])Calls/\(operation)(".lowercased()))
        }
    }
}
