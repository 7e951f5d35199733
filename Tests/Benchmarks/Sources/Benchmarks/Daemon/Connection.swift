internal import Glibc

/// A request in the form that programs send.
struct Request: Sendable {
    let bytes: [UInt8]

    /// - Parameters:
    ///   - method: Service and operation.
    ///   - params: A JSON object.
    init(_ method: String, _ params: String = "{}") {
        let body = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#
        bytes = Array("\(body.utf8.count)\n\(body)\n".utf8)
    }
}

/// The object of a reply that is no error.
struct Reply: Sendable {
    let bytes: ArraySlice<UInt8>

    /// The first member of this name that is a string without escapes, such as an id or a token.
    func string(_ member: String) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        let mark = "\"\(member)\":\""
        guard let start = text.firstRange(of: mark)?.upperBound else { return nil }
        return String(text[start...].prefix { $0 != "\"" })
    }
}

/// A connection that asks one thing after the other, and spends no time on understanding the replies, so that it is the
/// daemon that is measured.
final class Connection {
    let descriptor: CInt
    private var received: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 18)

    /// Beginning of a successful reply.
    static let success = Array(#"{"jsonrpc":"2.0","id":1,"result":"#.utf8)

    init(to path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { target in
            guard path.utf8.count < target.count else { return false }
            target.copyBytes(from: path.utf8)
            return true
        }
        let connected =
            fits
            && withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
        guard connected else {
            Glibc.close(descriptor)
            throw BenchmarkError("\(path) does not take connections")
        }
    }

    func close() { Glibc.close(descriptor) }

    /// - Throws: Also where the reply is an error.
    @discardableResult
    func ask(_ request: Request) throws -> Reply {
        var sent = 0
        while sent < request.bytes.count {
            let count = request.bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { throw BenchmarkError("the daemon does not take requests") }
            sent += count
        }
        received.removeAll(keepingCapacity: true)
        var object = 0..<Int.max
        // Object and line feed.
        while received.count <= object.upperBound {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { throw BenchmarkError("the daemon does not reply") }
            received += chunk[..<count]
            if object.upperBound == .max, let line = received.firstIndex(of: UInt8(ascii: "\n")) {
                guard let length = Int(String(decoding: received[..<line], as: UTF8.self)) else { break }
                object = line + 1..<line + 1 + length
            }
        }
        let reply = Reply(bytes: received[object.clamped(to: received.indices)])
        guard reply.bytes.starts(with: Self.success) else {
            throw BenchmarkError("the daemon refused: \(String(decoding: reply.bytes.prefix(1000), as: UTF8.self))")
        }
        return reply
    }
}
