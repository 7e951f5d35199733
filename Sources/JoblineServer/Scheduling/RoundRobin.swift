internal import NIOCore

/// What waits, by who brought it: each who has something waiting gets one out before anybody gets a second.
struct RoundRobin<Element> {
    private var lanes: [Int: CircularBuffer<Element>] = [:]
    /// Lanes with something in them, the next one first.
    private var order = CircularBuffer<Int>()

    var isEmpty: Bool { order.isEmpty }
    /// How many elements wait.
    private(set) var count = 0

    /// Puts an element behind what else waits in its lane.
    mutating func append(_ element: Element, to lane: Int) {
        if lanes[lane] == nil { order.append(lane) }
        lanes[lane, default: CircularBuffer(initialCapacity: 4)].append(element)
        count += 1
    }

    /// Takes out the element whose turn it is.
    mutating func popFirst() -> Element? {
        guard let lane = order.popFirst(), let element = lanes[lane]?.popFirst() else { return nil }
        count -= 1
        if lanes[lane]?.isEmpty == true { lanes[lane] = nil } else { order.append(lane) }
        return element
    }

    /// Takes the elements of a lane out that `isGone` is true of.
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
