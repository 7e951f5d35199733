internal import JoblineProtocol

/// Position of an element in a list: its time, and its id as a tie-breaker.
struct ListPosition: Sendable, Hashable {
    var time: Timestamp
    var id: String

    init(time: Timestamp, id: String) {
        self.time = time
        self.id = id
    }
}
