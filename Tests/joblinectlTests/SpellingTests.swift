import Testing

@testable import joblinectl

@Suite("Spelling")
struct SpellingTests {
    private static let commands = ["start", "describe", "list", "wait", "watch", "stop", "top", "statistics"]

    @Test(
        "a slip of the keyboard finds what was meant",
        arguments: [
            ("lst", "list"), ("LIST", "list"), ("lsit", "list"), ("descibe", "describe"), ("strat", "start"),
            ("wach", "watch"), ("stat", "start"), ("xyz", nil), ("", nil), ("describeeeee", nil),
            ("statis", "statistics"),
            ("sta", nil), ("desc", "describe"),
        ])
    func commands(word: String, meant: String?) {
        #expect(Spelling.nearest(to: word, in: Self.commands) == meant)
    }

    @Test("of a method the operation alone is enough, and nothing is guessed between two")
    func methods() {
        let methods = ["Personalize.ListBatchSegmentJobs", "Sidecar.GetInfo", "rpc.ping"]
        #expect(Spelling.nearest(to: "ListBatchSegmentJobs", in: methods) == methods[0])
        #expect(Spelling.nearest(to: "personalize.listbatchsegmentjob", in: methods) == methods[0])
        #expect(Spelling.nearest(to: "ping", in: methods) == methods[2])
        #expect(Spelling.nearest(to: "tab", in: ["tap", "tub"]) == nil)
        #expect(Spelling.advice("tap", ["tub"]).isEmpty)
        #expect(Spelling.advice("tip", ["tap"]) == "; did you mean tap?")
    }

    @Test("the work is bounded, however long a word is")
    func long() {
        let word = String(repeating: "a", count: 1_000_000)
        #expect(Spelling.nearest(to: word, in: [word + "a"]) == nil)
        #expect(Spelling.nearest(to: "aaaa", in: [word]) == nil)
    }

    @Test(
        "a distance counts insertions, deletions, replacements and swaps",
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
