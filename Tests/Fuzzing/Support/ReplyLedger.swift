package import JoblineProtocol
package import NIOCore

/// Count of replies due and received, by request.
package struct ReplyLedger: ~Copyable {
    /// Properties of a request that its reply repeats; several requests can have the same.
    package struct ReplyKey: Hashable, Sendable, CustomStringConvertible {
        package let form: Frame.Form
        /// Encoded id; only equal bytes are equal.
        package let id: ByteBuffer?

        package init(_ form: Frame.Form, _ id: RequestID?) {
            self.form = form
            self.id = id.map { $0.json() }
        }

        /// Key of an error that belongs to no request.
        package static let noRequest = ReplyKey(.bare, nil)

        package var description: String { "\(form) \(id.map(String.init(buffer:)) ?? "null")" }
    }

    package private(set) var due: [ReplyKey: Int] = [:]
    package private(set) var received: [ReplyKey: Int] = [:]
    /// Part of `due` that can stay open as long as the connection: watches, and requests behind one without an id.
    private var lasting: [ReplyKey: Int] = [:]
    private var requests: FrameDecoder
    private var replies = FrameDecoder(limits: .replies)
    private var isBroken = false

    package init(limits: FrameDecoder.Limits) { requests = FrameDecoder(limits: limits) }

    /// Accounts for a complete exchange, in which the peer sends nothing more.
    package init(limits: FrameDecoder.Limits, sent: ByteBuffer, received: ByteBuffer) throws {
        self.init(limits: limits)
        self.sent(sent)
        sentAll()
        try self.received(received)
    }

    /// Whether a request has started and is incomplete.
    package var isInsideFrame: Bool { requests.isInsideFrame }

    /// Whether no more replies are due.
    package var isSettled: Bool {
        !isBroken
            && due.allSatisfy { key, count in received[key, default: 0] >= count - lasting[key, default: 0] }
    }

    /// Whether exactly the due replies were received.
    package var isExact: Bool {
        Set(due.keys).union(received.keys).allSatisfy { key in
            let most = due[key, default: 0]
            return (most - lasting[key, default: 0]...most).contains(received[key, default: 0])
        }
    }

    /// Accounts for sent bytes.
    package mutating func sent(_ bytes: ByteBuffer) {
        requests.append(bytes)
        do throws(FrameError) {
            while let frame = try requests.next() { sent(frame) }
        } catch {
            breakOff()
        }
    }

    /// Accounts for the end of the sent bytes.
    package mutating func sentAll() {
        do throws(FrameError) { try requests.finish() } catch { breakOff() }
    }

    private mutating func sent(_ frame: Frame) {
        do throws(Request.Rejection) {
            let request = try Request(frame)
            guard request.wantsReply else { return }
            expectReply(ReplyKey(frame.form, request.id), lasts: request.method == "Sidecar.WatchJobs")
        } catch {
            expectReply(ReplyKey(frame.form, error.id), lasts: false)
        }
    }

    private mutating func expectReply(_ key: ReplyKey, lasts: Bool) {
        due[key, default: 0] += 1
        if lasts || key == .noRequest && lasting[key] != nil { lasting[key, default: 0] += 1 }
    }

    private mutating func breakOff() {
        guard !isBroken else { return }
        isBroken = true
        due[.noRequest, default: 0] += 1
    }

    /// Accounts for received bytes.
    package mutating func received(_ bytes: ByteBuffer) throws {
        replies.append(bytes)
        while let frame = try replies.next() {
            switch try ServerMessage(frame) {
            case .reply(let id, _): received[ReplyKey(frame.form, id), default: 0] += 1
            case .notification("Sidecar.Draining", _): break
            case .notification("Sidecar.JobChanged", _) where !lasting.isEmpty: break
            case .notification(let method, _): throw Violation("the server sent \(method)")
            }
        }
        try replies.finish()
    }
}
