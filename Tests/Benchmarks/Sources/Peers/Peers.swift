internal import ArgumentParser

/// Servers that jobline is compared with. Each listens on a Unix socket until it is told to stop, with one thread for the
/// network.
@main
struct Peers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Peers", abstract: "Servers to compare joblined with.",
        subcommands: [EpollCommand.self, FloorCommand.self, HTTPCommand.self, GRPCCommand.self])
}
