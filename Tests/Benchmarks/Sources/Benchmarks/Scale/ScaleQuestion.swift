/// Something that callers ask, whose cost should not depend on how many jobs there are.
struct ScaleQuestion: Sendable {
    let name: String
    let isFilter: Bool
    /// Makes the request to ask a store with.
    let request: @Sendable (ScaleStore) -> Request

    private init(
        _ name: String, isFilter: Bool = false, _ request: @escaping @Sendable (ScaleStore) -> Request
    ) {
        self.name = name
        self.isFilter = isFilter
        self.request = request
    }

    private static func filter(_ name: String, _ filter: @escaping @Sendable (ScaleStore) -> String) -> ScaleQuestion {
        ScaleQuestion(name, isFilter: true) { ScaleStore.list(filter: filter($0)) }
    }

    static let all = [
        ScaleQuestion("describe, any job") { ScaleStore.describe($0.ids.randomElement() ?? "") },
        ScaleQuestion("list, first page") { _ in ScaleStore.list() },
        ScaleQuestion("list, page in the middle") { ScaleStore.list(token: $0.tokens[$0.count / 2]) },
        filter("JobName, of 120 jobs") { _ in #""JobName":"\#(JobMultiplier.rareName)""# },
        filter("JobName, of every fourth job") { _ in #""JobName":"\#(JobMultiplier.commonName)""# },
        filter("JobStatus, of 120 jobs") { _ in #""JobStatus":"\#(JobMultiplier.rareStatus)""# },
        filter("JobStatus, of nine in ten jobs") { _ in #""JobStatus":"\#(JobMultiplier.commonStatus)""# },
        filter("SubmitTimeBefore, the middle") { #""SubmitTimeBefore":\#($0.middle)"# },
        filter("SubmitTimeAfter, the middle") { #""SubmitTimeAfter":\#($0.middle)"# },
    ]
}
