internal import JoblineProtocol
internal import NIOCore

/// Reads what the daemon tells of jobs.
///
/// Those who watch one job are told the same, one after the other, but for the number of the watch: that alone is read then.
struct JobChangeReader {
    typealias Told = (watch: RequestID?, change: JobChange)

    /// A notification, as the bytes around the number of its watch.
    fileprivate struct Template {
        let head: ByteBuffer
        let tail: ByteBuffer
        let change: JobChange
    }

    /// The job that was told of last.
    private var job: JobReference?
    private var template: Template?

    /// Reads the notification that came last once more, for another watch.
    ///
    /// - Parameter body: The body of any frame.
    /// - Returns: nil if it says anything else.
    func again(_ body: ByteBuffer) -> Told? {
        guard let template else { return nil }
        let watch = body.withUnsafeReadableBytes { bytes -> Int64? in
            var scanner = PlainScanner(bytes)
            guard template.head.withUnsafeReadableBytes({ scanner.skip($0) }), let number = scanner.integer(),
                template.tail.withUnsafeReadableBytes({ scanner.skip($0) }), scanner.isAtEnd
            else { return nil }
            return number
        }
        return watch.map { (.integer($0), template.change) }
    }

    /// Reads a notification.
    ///
    /// - Parameters:
    ///   - params: Its params.
    ///   - body: The body of its frame.
    mutating func read(_ params: ByteBuffer, of body: ByteBuffer) throws(JSONError) -> Told {
        let told = try Sidecar.JobChanged(json: params)
        let change = JobChange(told)
        // Looking for the number is worth it only where a job is told of again.
        template = change.reference == job ? try Template(body, told.watch, change) : nil
        job = change.reference
        return (told.watch, change)
    }
}

extension JobChangeReader.Template {
    /// nil where the watch has no number.
    fileprivate init?(_ body: ByteBuffer, _ watch: RequestID?, _ change: JobChange) throws(JSONError) {
        guard case .integer = watch, let place = try Self.placeOfWatch(in: body) else { return nil }
        // Copied, because what was read from the socket together is in one piece of memory, which goes round.
        let bytes = body.readableBytesView
        self.init(
            head: ByteBuffer(bytes: bytes.prefix(place.lowerBound)),
            tail: ByteBuffer(bytes: bytes.dropFirst(place.upperBound)), change: change)
    }

    private static func placeOfWatch(in body: ByteBuffer) throws(JSONError) -> Range<Int>? {
        try JSONReader.read(body) { (reader) throws(JSONError) in
            var place: Range<Int>?
            try reader.members { (reader, key) throws(JSONError) in
                guard case "params" = key else {
                    try reader.skip()
                    return
                }
                try reader.members { (reader, key) throws(JSONError) in
                    let range = try reader.skip()
                    if case "watch" = key { place = range }
                }
            }
            return place
        }
    }
}
