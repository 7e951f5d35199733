internal import Glibc
internal import JoblineProtocol
internal import NIOCore

/// Reads what the daemon tells of jobs.
///
/// Those who watch one job are told the same, one after the other, but for the number of the watch: that alone is read then.
struct JobChangeReader {
    fileprivate struct Template {
        let text: ByteBuffer
        /// Where in the text the number of the watch is.
        let watch: Range<Int>
        let change: Sidecar.JobChanged
    }

    /// The job that was told of last.
    private var job: String?
    private var template: Template?

    /// - Parameter text: The params of a notification.
    mutating func read(_ text: ByteBuffer) throws(JSONError) -> Sidecar.JobChanged {
        if let change = template?.change(in: text) { return change }
        let change = try Sidecar.JobChanged(json: text)
        // Looking for the number is worth it only where a job is told of again.
        template = change.id == job ? try Template(text, change) : nil
        job = change.id
        return change
    }
}

extension JobChangeReader.Template {
    /// nil where the watch has no number.
    init?(_ text: ByteBuffer, _ change: Sidecar.JobChanged) throws(JSONError) {
        guard case .integer = change.watch, let watch = try Self.placeOfWatch(in: text) else { return nil }
        // Copied, because what was read from the socket together is in one piece of memory, which goes round.
        self.init(text: ByteBuffer(bytes: text.readableBytesView), watch: watch, change: change)
    }

    private static func placeOfWatch(in text: ByteBuffer) throws(JSONError) -> Range<Int>? {
        try JSONReader.read(text) { (reader) throws(JSONError) in
            var place: Range<Int>?
            try reader.members { (reader, key) throws(JSONError) in
                let range = try reader.skip()
                if case "watch" = key { place = range }
            }
            return place
        }
    }

    /// The same change for another watch; nil if the text says anything else.
    func change(in other: ByteBuffer) -> Sidecar.JobChanged? {
        let tail = text.readableBytes - watch.upperBound
        let digits = other.readableBytes - watch.lowerBound - tail
        // So many are always within the range of ids.
        guard (1...15).contains(digits) else { return nil }
        let number = text.withUnsafeReadableBytes { text -> Int64? in
            other.withUnsafeReadableBytes { other in
                guard let start = text.baseAddress, let otherStart = other.baseAddress,
                    memcmp(start, otherStart, watch.lowerBound) == 0,
                    memcmp(start + watch.upperBound, otherStart + (other.count - tail), tail) == 0
                else { return nil }
                return Self.number(other[watch.lowerBound..<(other.count - tail)])
            }
        }
        guard let number else { return nil }
        var change = change
        change.watch = .integer(number)
        return change
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard digits.first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var number: Int64 = 0
        for digit in digits {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = digit else { return nil }
            number = number * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return number
    }
}
