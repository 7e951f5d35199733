import Testing

@testable import joblinectl

@Suite("Spelling suggestions")
struct SpellingTests {
    private static let commands = ["start", "describe", "list", "wait", "watch", "stop", "top", "statistics"]

    @Test(
        "A typing error finds the intended word",
        arguments: [
            ("lst", "list"), ("LIST", "list"), ("lsit", "list"), ("descibe", "describe"), ("strat", "start"),
            ("wach", "watch"), ("stat", "start"), ("xyz", nil), ("", nil), ("describeeeee", nil),
            ("statis", "statistics"),
            ("sta", nil), ("desc", "describe"),
        ])
    func commands(word: String, meant: String?) {
        #expect(Spelling.nearest(to: word, in: Self.commands) == meant)
    }

    @Test("An operation is recognised without its service, and ambiguous words have no suggestion")
    func methods() {
        let methods = ["Personalize.ListBatchSegmentJobs", "Sidecar.GetInfo", "rpc.ping"]
        #expect(Spelling.nearest(to: "ListBatchSegmentJobs", in: methods) == methods[0])
        #expect(Spelling.nearest(to: "personalize.listbatchsegmentjob", in: methods) == methods[0])
        #expect(Spelling.nearest(to: "ping", in: methods) == methods[2])
        #expect(Spelling.nearest(to: "tab", in: ["tap", "tub"]) == nil)
        #expect(Spelling.suggestion("tap", ["tub"]).isEmpty)
        #expect(Spelling.suggestion("tip", ["tap"]) == "; did you mean tap?")
    }

    @Test("The work is bounded for long words")
    func long() {
        let word = String(repeating: "a", count: 1_000_000)
        #expect(Spelling.nearest(to: word, in: [word + "a"]) == nil)
        #expect(Spelling.nearest(to: "aaaa", in: [word]) == nil)
    }

    @Test(
        "The distance counts insertions, deletions, replacements and swaps",
        arguments: [
            ("", "", 0, 0), ("", "ab", 2, 0), ("ab", "", 2, 2), ("abc", "abc", 0, 0), ("abc", "acb", 1, 1),
            ("abc", "abcd", 1, 0), ("abd", "abcd", 1, 1), ("kitten", "sitting", 3, 2),
        ])
    func distances(first: String, second: String, whole: Int, beginning: Int) {
        let distances = Spelling.distances(Array(first), Array(second))
        #expect(distances.toWhole == whole)
        #expect(distances.toBeginning == beginning)
    }
}
