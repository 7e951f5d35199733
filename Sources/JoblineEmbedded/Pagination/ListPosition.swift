internal import JoblineProtocol

/// Where something stands in a list: its time, and what breaks ties.
struct ListPosition: Sendable, Hashable {
    var time: Timestamp
    var id: String

    init(time: Timestamp, id: String) {
        self.time = time
        self.id = id
    }
}
