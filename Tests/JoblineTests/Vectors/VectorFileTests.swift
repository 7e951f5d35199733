import TestSupport
import Testing

/// The vectors as data: whoever runs them has to be able to rely on their format.
@Suite("Vector files")
struct VectorFileTests {
    static let files = (try? VectorFile.all()) ?? []

    @Test("All vector files are valid and complete")
    func count() throws {
        #expect(try VectorFile.all().reduce(0) { $0 + $1.vectors.count } >= 150)
        #expect(Set(Self.files.map(\.direction)).count == 2)
    }

    @Test("Vectors have unique names")
    func names() {
        let names = Self.files.flatMap(\.vectors).map(\.name)
        #expect(Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys.sorted() == [])
        let odd = names.filter { name in !name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        }
        #expect(odd == [])
    }

    @Test("Server vectors have known steps and a matching end", arguments: files)
    func toServer(file: VectorFile) throws {
        guard file.direction == .toServer else { return }
        let known: Set = ["name", "why", "steps", "survivable", "split"]
        let kinds: Set = [
            "send", "expect", "closed", "halfClose", "hangUp", "flood", "pauseMs", "pauseFor", "signal", "open",
        ]
        for vector in file.vectors {
            #expect(known.isSuperset(of: vector.content.object?.keys ?? [:].keys), "\(vector)")
            #expect(!vector.steps.isEmpty, "\(vector)")
            for step in vector.steps {
                let members = Set(step.object?.keys ?? [:].keys)
                #expect(members.intersection(kinds).count == 1, "\(vector): \(step)")
                #expect(members.subtracting(kinds).isSubset(of: ["on", "withinMs", "order"]), "\(vector): \(step)")
                if let bytes = step["send"] ?? step["flood"] { #expect(try !VectorBytes.expand(bytes).isEmpty) }
                if let replies = step["expect"]?.array { #expect(try !ReplyPattern.list(replies).isEmpty) }
            }
            let ends = vector.steps.contains { $0["on"] == nil && ($0["closed"] != nil || $0["hangUp"] != nil) }
            #expect(vector.isSurvivable != ends, "\(vector)")
            #expect(!file.isFresh || !vector.isSplittable, "\(vector)")
        }
    }

    @Test("Client vectors have an outcome for each call", arguments: files)
    func toClient(file: VectorFile) throws {
        guard file.direction == .toClient else { return }
        let known: Set = ["name", "why", "calls", "send", "then", "ends", "split"]
        for vector in file.vectors {
            let content = vector.content
            #expect(known.isSuperset(of: content.object?.keys ?? [:].keys), "\(vector)")
            #expect(try VectorBytes.expand(content["send"] ?? "").count < 8 << 20, "\(vector)")
            #expect(content["then"] == "wait" || content["then"] == "close", "\(vector)")
            #expect(content["ends"]?.array?.count == content["calls"]?.integer ?? 1, "\(vector)")
            for end in content["ends"]?.array?.flatMap({ $0.array ?? [] }) ?? [] {
                let isWord = ["answered", "broken", "lost", "timeout"].contains(end)
                #expect(isWord || end["result"] != nil || end["code"]?.integer != nil, "\(vector): \(end)")
            }
        }
    }
}
