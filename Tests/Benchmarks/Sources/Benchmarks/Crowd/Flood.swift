internal import Foundation
internal import Glibc
internal import Synchronization

/// A client without manners: writes requests as fast as the socket takes them, reads what comes, and waits for nothing.
final class Flood: Sendable {
    private let goesOn = Atomic(true)
    private let requests: [UInt8]
    private let socket: String

    /// - Parameter body: What it asks, 64 of them in a write, each with an id of its own.
    init(_ socket: String, _ method: String, _ params: String) {
        self.socket = socket
        requests = (0..<64).flatMap { id in
            let body = #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#
            return Array("\(body.utf8.count)\n\(body)\n".utf8)
        }
    }

    /// Floods while `body` runs.
    ///
    /// - Returns: What `body` returned, and how many bytes of replies came a second.
    func during<Value>(_ body: () throws -> Value) throws -> (Value, bytesPerSecond: Int) {
        let connection = try Connection(to: socket)
        let ended = DispatchSemaphore(value: 0)
        let received = Atomic(0)
        let descriptor = connection.descriptor
        Thread.detachNewThread {
            self.pump(descriptor, received)
            ended.signal()
        }
        let start = Stopwatch.now()
        defer {
            goesOn.store(false, ordering: .relaxed)
            ended.wait()
            connection.close()
        }
        let value = try body()
        let seconds = Double(Stopwatch.now() - start) / 1e9
        return (value, Int(Double(received.load(ordering: .relaxed)) / seconds))
    }

    private func pump(_ descriptor: CInt, _ received: borrowing Atomic<Int>) {
        var written = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN | POLLOUT), revents: 0)
        while goesOn.load(ordering: .relaxed), Glibc.poll(&poll, 1, 100) >= 0 {
            if poll.revents & Int16(POLLOUT) != 0 {
                let count = requests[written...].withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
                }
                written = (written + max(count, 0)) % requests.count
            }
            if poll.revents & Int16(POLLIN) != 0 {
                let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
                // The daemon closed the connection.
                if count == 0 { return }
                received.wrappingAdd(max(count, 0), ordering: .relaxed)
            }
        }
    }
}
