import Testing

@testable import JoblineServer

@Suite struct RoundRobinTests {
    private func drained(_ queue: RoundRobin<String>) -> [String] {
        var queue = queue
        var elements: [String] = []
        while let element = queue.popFirst() { elements.append(element) }
        return elements
    }

    private func filled(_ elements: [(String, Int)]) -> RoundRobin<String> {
        var queue = RoundRobin<String>()
        for (element, lane) in elements { queue.append(element, to: lane) }
        return queue
    }

    @Test("Lanes take turns, and each keeps its own order")
    func turns() {
        let queue = filled([("a1", 1), ("a2", 1), ("a3", 1), ("b1", 2), ("c1", 3), ("c2", 3)])
        #expect(queue.count == 6)
        #expect(drained(queue) == ["a1", "b1", "c1", "a2", "c2", "a3"])
    }

    @Test("A late lane waits for one element of each other lane")
    func late() {
        var queue = filled((1...100).map { ("a\($0)", 1) } + (1...100).map { ("b\($0)", 2) })
        _ = queue.popFirst()
        queue.append("c1", to: 3)
        #expect(drained(queue).prefix(3) == ["b1", "a2", "c1"])
    }

    @Test("Removed elements leave no empty turn")
    func remove() {
        var queue = filled([("a1", 1), ("b1", 2), ("b2", 2), ("c1", 3)])
        queue.remove(from: 2) { $0 == "b1" }
        queue.remove(from: 3) { _ in true }
        queue.remove(from: 9) { _ in true }
        #expect(queue.count == 2)
        #expect(drained(queue) == ["a1", "b2"])
    }

    @Test("An emptied lane can be used again")
    func again() {
        var queue = filled([("a1", 1)])
        #expect(queue.popFirst() == "a1")
        #expect(queue.popFirst() == nil)
        #expect(queue.isEmpty)
        queue.append("a2", to: 1)
        #expect(drained(queue) == ["a2"])
    }
}
