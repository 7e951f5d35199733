internal import JoblineProtocol

/// Position of an element in a list: its time, and the id that breaks ties.
struct ListPosition: Sendable, Hashable {
    var time: Timestamp
    var id: String

    init(time: Timestamp, id: String) {
        self.time = time
        self.id = id
    }
}
