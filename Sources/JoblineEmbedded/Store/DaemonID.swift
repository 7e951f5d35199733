/// Identity of a daemon among those that share a store, the same after a restart.
struct DaemonID: Sendable, Hashable {
    var value: String
}
