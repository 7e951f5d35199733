internal import ArgumentParser
internal import CFloor
internal import Foundation
internal import NIOCore

/// Minimal server in C, which shows the cost of the kernel's sockets.
struct EpollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "epoll", abstract: "Answers each frame with a canned one of a given size, without SwiftNIO.")

    @OptionGroup var options: CannedOptions

    func run() async throws {
        let reply = options.reply
        floor_serve(options.socket, String(buffer: reply.header), String(buffer: reply.afterID))
        throw ValidationError("\(options.socket): \(String(cString: strerror(errno)))")
    }
}
