package import JoblineProtocol
package import NIOCore

/// How many replies a peer is due to each of its requests, and how many it got.
package struct ReplyLedger: ~Copyable {
    /// What replies to different requests may have in common.
    package struct Place: Hashable, Sendable, CustomStringConvertible {
        package let form: Frame.Form
        /// As it is written, so that nothing but the same bytes is the same.
        package let id: ByteBuffer?

        package init(_ form: Frame.Form, _ id: RequestID?) {
            self.form = form
            self.id = id.map { $0.json() }
        }

        /// Where an error goes that belongs to no request.
        package static let nowhere = Place(.bare, nil)

        package var description: String { "\(form) \(id.map(String.init(buffer:)) ?? "null")" }
    }

    package private(set) var due: [Place: Int] = [:]
    package private(set) var received: [Place: Int] = [:]
    /// Those of what is due that may stay open as long as the connection: watches, and what waits behind one without an id.
    private var lasting: [Place: Int] = [:]
    private var requests: FrameDecoder
    private var replies = FrameDecoder(limits: .replies)
    private var isBroken = false

    package init(limits: FrameDecoder.Limits) { requests = FrameDecoder(limits: limits) }

    /// An exchange in which the peer sent all that it had to.
    package init(limits: FrameDecoder.Limits, sent: ByteBuffer, received: ByteBuffer) throws {
        self.init(limits: limits)
        self.sent(sent)
        sentAll()
        try self.received(received)
    }

    /// True while a request has begun and is not complete.
    package var isInsideFrame: Bool { requests.isInsideFrame }

    /// True once nothing has to come any more.
    package var isSettled: Bool {
        !isBroken
            && due.allSatisfy { place, count in received[place, default: 0] >= count - lasting[place, default: 0] }
    }

    /// True if what was due came, and nothing else.
    package var isExact: Bool {
        Set(due.keys).union(received.keys).allSatisfy { place in
            let most = due[place, default: 0]
            return (most - lasting[place, default: 0]...most).contains(received[place, default: 0])
        }
    }

    /// The peer sent something.
    package mutating func sent(_ bytes: ByteBuffer) {
        requests.append(bytes)
        do throws(FrameError) {
            while let frame = try requests.next() { sent(frame) }
        } catch {
            breakOff()
        }
    }

    /// The peer sends nothing more.
    package mutating func sentAll() {
        do throws(FrameError) { try requests.finish() } catch { breakOff() }
    }

    private mutating func sent(_ frame: Frame) {
        do throws(Request.Rejection) {
            let request = try Request(frame)
            guard request.wantsReply else { return }
            expectReply(Place(frame.form, request.id), lasts: request.method == "Sidecar.WatchJobs")
        } catch {
            expectReply(Place(frame.form, error.id), lasts: false)
        }
    }

    private mutating func expectReply(_ place: Place, lasts: Bool) {
        due[place, default: 0] += 1
        if lasts || place == .nowhere && lasting[place] != nil { lasting[place, default: 0] += 1 }
    }

    private mutating func breakOff() {
        guard !isBroken else { return }
        isBroken = true
        due[.nowhere, default: 0] += 1
    }

    /// The peer got something.
    package mutating func received(_ bytes: ByteBuffer) throws {
        replies.append(bytes)
        while let frame = try replies.next() {
            switch try ServerMessage(frame) {
            case .reply(let id, _): received[Place(frame.form, id), default: 0] += 1
            case .notification("Sidecar.Draining", _): break
            case .notification("Sidecar.JobChanged", _) where !lasting.isEmpty: break
            case .notification(let method, _): throw Violation("the server sent \(method)")
            }
        }
        try replies.finish()
    }
}
