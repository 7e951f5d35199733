@testable import SpecCompiler

/// Small contract that uses every feature.
enum Fixture {
    static let library = SourceFile(
        path: "proto-spec/library.yaml",
        contents: #"""
            service: Library
            summary: Lends things.
            families:
              Book: lends a book
              DVDSet: lends discs
            errors: { invalid: BadRequestException, throttled: SlowDownException }
            operations:
              Lend{Family}:
                summary: Starts a loan that {family}.
                limit: write
                retry: token
                errors: [invalid: NotLendableException, throttled, TooManyLoansException]
                request:
                  ReaderId: { type: ReaderId, required: true, doc: "Reader who borrows." }
                  Days: { type: integer, range: 1..30, doc: "Number of days." }
                  RequestToken: { type: string, length: 1..64, token: true, doc: "Idempotency token." }
                  Notes: { list: Note, length: "..3", doc: "Notes about the loan." }
                response:
                  Due: { type: timestamp, required: true, doc: "Date of return." }
                  State: { type: LoanState, doc: "State of the loan." }
              ListLoans:
                summary: Lists loans.
                limit: read
                retry: readonly
                pages: { token: Next, limit: Most, items: Loans }
                errors: [TooManyLoansException]
                request:
                  Next: { type: string, doc: "Pagination token." }
                  Most: { type: integer, invalid: TooManyLoansException, doc: "Loans on a page." }
                response:
                  Loans: { map: string, keys: ReaderId, doc: "Titles by reader." }
                  Next: { type: string, doc: "Pagination token." }
            shapes:
              Note:
                doc: A remark.
                exclusive: [Text, Language]
                members:
                  Text: { type: string, sensitive: true, doc: "The remark." }
                  Language: { type: string, pattern: '[a-z]{2}', doc: "Its language." }
              LoanState:
                doc: State of a loan.
                values:
                  OPEN: Lent.
                  GIVEN BACK: Returned.
              ReaderId: { type: string, length: 1..8, pattern: '^[A-Z-]*$', excludes: "--", doc: "A reader." }
            """#)

    static let link = SourceFile(
        path: "proto-spec/link.yaml",
        contents: """
            service: link
            swift: LINK
            summary: The connection.
            calls: client
            errors: { unavailable: GoneException }
            operations:
              ping: { summary: Answers., limit: unlimited, retry: readonly, errors: [], request: {}, response: {} }
              drop:
                summary: Drops a request.
                limit: unlimited
                retry: idempotent
                answeredBy: connection
                errors: []
                request:
                  id: { type: id, required: true, doc: "The request." }
                response: {}
              dump: { summary: Shows all., limit: read, retry: readonly, errors: [], request: {}, response: document }
            """)

    /// Returns the contents of a generated file.
    static func generated(_ name: String) -> String? {
        let contract = Contract.parse([library, link], diagnostics: Diagnostics())
        return contract.render().first { $0.path.hasSuffix("/\(name).swift") }?.contents
    }

    /// Returns the first line in which a generated file differs from `expected`; nil if it does not.
    static func difference(_ name: String, _ expected: String) -> String? {
        guard let generated = generated(name) else { return "there is no \(name)" }
        let found = generated.split(separator: "\n", omittingEmptySubsequences: false)
        let wanted = (expected + "\n").split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in found.enumerated() where index >= wanted.count || line != wanted[index] {
            return "\(name):\(index + 1): \(line)"
        }
        return found.count < wanted.count ? "\(name) ends early" : nil
    }

    /// Returns the diagnostics of a contract with one file.
    static func diagnostics(_ yaml: String) -> [String] {
        let diagnostics = Diagnostics()
        _ = Contract.parse([SourceFile(path: "a.yaml", contents: yaml)], diagnostics: diagnostics)
        return diagnostics.sorted.map(\.description)
    }
}
