import Synchronization
import Testing

@testable import Jobline

@Suite("Paged sequence", .timeLimit(.minutes(1)))
struct PagedSequenceTests {
    struct Page: Sendable, Hashable {
        var items: [Int]?
        var next: String?
    }

    /// A server whose pages are written down, and what it was asked for.
    final class Shelf: Sendable {
        let pages: [String?: Page]
        let asked = Mutex<[String?]>([])

        init(_ pages: [String?: Page]) { self.pages = pages }

        var list: PagedSequence<Int, Page> { list(startingAt: nil) }

        func list(startingAt token: String?) -> PagedSequence<Int, Page> {
            PagedSequence("the shelf", startingAt: token, items: { $0.items }, nextToken: { $0.next }) {
                (token) async throws(JoblineError) in
                if Task.isCancelled { throw JoblineError(.cancelled, "cancelled") }
                self.asked.withLock { $0.append(token) }
                guard let page = self.pages[token] else { throw JoblineError(.refused, "no such page") }
                return page
            }
        }
    }

    static let three = [
        nil: Page(items: [1, 2], next: "b"), "b": Page(items: nil, next: "c"), "c": Page(items: [3], next: nil),
    ]

    @Test("Elements come in order, over pages that hold none")
    func elements() async throws {
        let shelf = Shelf(Self.three)
        var seen: [Int] = []
        for try await element in shelf.list { seen.append(element) }
        #expect(seen == [1, 2, 3])
        #expect(shelf.asked.withLock { $0 } == [nil, "b", "c"])
    }

    @Test("Pages are delivered as whole responses")
    func pages() async throws {
        var seen: [Page] = []
        for try await page in Shelf(Self.three).list.pages { seen.append(page) }
        #expect(seen == [Self.three[nil], Self.three["b"], Self.three["c"]])
    }

    @Test("A page is requested only when its elements are needed")
    func demand() async throws {
        let shelf = Shelf(Self.three)
        var iterator = shelf.list.makeAsyncIterator()
        #expect(shelf.asked.withLock { $0 }.isEmpty)
        _ = try await iterator.next()
        _ = try await iterator.next()
        #expect(shelf.asked.withLock { $0 } == [nil])
        _ = try await iterator.next()
        #expect(shelf.asked.withLock { $0 } == [nil, "b", "c"])
        #expect(try await iterator.next() == nil)
        #expect(try await iterator.next() == nil)
        #expect(shelf.asked.withLock { $0 }.count == 3)
    }

    @Test("Each iteration starts again at the first page of the list")
    func restart() async throws {
        let shelf = Shelf(Self.three)
        let list = shelf.list(startingAt: "b")
        for _ in 1...2 { for try await _ in list {} }
        #expect(shelf.asked.withLock { $0 } == ["b", "c", "b", "c"])
    }

    @Test("An empty token ends a list like an absent one")
    func emptyToken() async throws {
        var seen: [Int] = []
        for try await element in Shelf([nil: Page(items: [1], next: "")]).list { seen.append(element) }
        #expect(seen == [1])
    }

    @Test("A list whose tokens repeat ends with an error", arguments: [["a"], ["a", "b"], ["a", "b", "c"]])
    func circle(_ tokens: [String]) async throws {
        var pages: [String?: Page] = [nil: Page(items: [0], next: "a")]
        for (index, token) in tokens.enumerated() {
            pages[token] = Page(items: [index], next: tokens[(index + 1) % tokens.count])
        }
        let shelf = Shelf(pages)
        let failure = await JoblineClientTests.failure { () async throws(JoblineError) in
            for try await _ in shelf.list {}
        }
        #expect(failure?.code == .decoding)
        #expect(failure?.message == "the shelf does not end: the token of one page came again with a later one")
        #expect(shelf.asked.withLock { $0 }.count <= 3 * (tokens.count + 1))
    }

    @Test("A page that fails ends the list with its error, once")
    func failure() async throws {
        var iterator = Shelf([nil: Page(items: [1], next: "b")]).list.makeAsyncIterator()
        #expect(try await iterator.next() == 1)
        await #expect(throws: JoblineError.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
    }

    @Test("A cancelled task gets an error, not the rest of its page")
    func cancellation() async throws {
        let shelf = Shelf(Self.three)
        let task = Task {
            var iterator = shelf.list.makeAsyncIterator()
            _ = try await iterator.next()
            withUnsafeCurrentTask { $0?.cancel() }
            let failure = await JoblineClientTests.failure { () async throws(JoblineError) in
                try await iterator.next()
            }
            #expect(failure?.code == .cancelled)
            #expect(try await iterator.next() == nil)
        }
        try await task.value
        #expect(shelf.asked.withLock { $0 } == [nil])
    }
}
