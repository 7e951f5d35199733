internal import Synchronization

/// Current configuration of the daemon, replaced by a reload.
final class CurrentConfiguration: Sendable {
    private let configuration: Mutex<DaemonConfiguration>

    init(_ configuration: DaemonConfiguration) { self.configuration = Mutex(configuration) }

    var value: DaemonConfiguration {
        get { configuration.withLock { $0 } }
        set { configuration.withLock { $0 = newValue } }
    }
}
