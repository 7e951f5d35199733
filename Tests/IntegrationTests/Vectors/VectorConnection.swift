import Glibc
import JoblineProtocol
import NIOCore
import TestSupport

/// One connection as a vector drives it; waits in the kernel, and never longer than it is told.
final class VectorConnection {
    /// Next action of the server.
    enum Event {
        case message(form: String, JSONValue, text: String)
        case end
        case silence
    }

    private let descriptor: CInt
    private var decoder = FrameDecoder(limits: .init(framed: 9_999_999, bare: 9_999_999))
    private var isEnded = false
    /// False once the server takes nothing more.
    private var isSending = true

    init(to path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, result == 0 else { throw TestFailure("cannot connect to \(path): errno \(errno)") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    func halfClose() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Writes, and reads meanwhile unless told not to.
    ///
    /// - Returns: False if the time was up. A server that takes nothing more is no failure here: its reply tells why.
    func send(_ bytes: ArraySlice<UInt8>, until deadline: ContinuousClock.Instant, reads: Bool = true) throws -> Bool {
        var rest = bytes
        while !rest.isEmpty, isSending {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                let events = try wait(for: POLLOUT | (reads && !isEnded ? POLLIN : 0), until: deadline)
                if events == 0 { return false }
                if reads, !isEnded, events & POLLIN != 0 { try read() }
            } else {
                isSending = false
            }
        }
        return true
    }

    /// Sends again and again without reading.
    ///
    /// - Returns: True if the server closed before the time was up.
    func flood(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws -> Bool {
        while isSending {
            guard try send(bytes[...], until: deadline, reads: false), ContinuousClock.now < deadline else {
                return false
            }
        }
        return true
    }

    /// The next frame, or the end.
    func next(until deadline: ContinuousClock.Instant) throws -> Event {
        while true {
            if let frame = try decoder.next() {
                let text = String(buffer: frame.body)
                return .message(form: frame.form == .framed ? "framed" : "bare", try JSONValue(text: text), text: text)
            }
            if isEnded {
                try decoder.finish()
                return .end
            }
            if try wait(for: POLLIN, until: deadline) == 0 { return .silence }
            try read()
        }
    }

    private func read() throws {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        if count > 0 {
            decoder.append(ByteBuffer(bytes: bytes[..<count]))
        } else if count == 0 {
            isEnded = true
        } else if errno != EAGAIN {
            throw TestFailure("the connection was not closed but reset: errno \(errno)")
        }
    }

    private func wait(for events: CInt, until deadline: ContinuousClock.Instant) throws -> CInt {
        let milliseconds = ContinuousClock.now.duration(to: deadline).components
        let timeout = max(0, milliseconds.seconds * 1000 + milliseconds.attoseconds / 1_000_000_000_000_000 + 1)
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&entry, 1, CInt(clamping: timeout)) >= 0 || errno == EINTR else {
            throw TestFailure("poll: errno \(errno)")
        }
        return CInt(entry.revents)
    }
}
