internal import NIOCore

/// Fair queue: takes one element from each lane in turn.
struct RoundRobin<Element> {
    private var lanes: [Int: CircularBuffer<Element>] = [:]
    /// Lanes that are not empty, the next one first.
    private var order = CircularBuffer<Int>()

    var isEmpty: Bool { order.isEmpty }
    /// Number of elements.
    private(set) var count = 0

    /// Appends an element to its lane.
    mutating func append(_ element: Element, to lane: Int) {
        if lanes[lane] == nil { order.append(lane) }
        lanes[lane, default: CircularBuffer(initialCapacity: 4)].append(element)
        count += 1
    }

    /// Removes the next element.
    mutating func popFirst() -> Element? {
        guard let lane = order.popFirst(), let element = lanes[lane]?.popFirst() else { return nil }
        count -= 1
        if lanes[lane]?.isEmpty == true { lanes[lane] = nil } else { order.append(lane) }
        return element
    }

    /// Removes the elements of a lane for which `isGone` returns true.
    mutating func remove(from lane: Int, where isGone: (Element) -> Bool) {
        guard let elements = lanes[lane] else { return }
        let rest = CircularBuffer(elements.filter { !isGone($0) })
        count -= elements.count - rest.count
        if rest.isEmpty {
            lanes[lane] = nil
            order.removeAll { $0 == lane }
        } else {
            lanes[lane] = rest
        }
    }
}
