internal import JoblineProtocol
internal import NIOCore

/// Decodes the daemon's notifications of changes.
///
/// The watches of one job receive the same notification one after the other, differing only in the watch number.
/// Repeats decode only that number.
struct JobChangeReader {
    typealias Told = (watch: RequestID?, change: JobChange)

    /// The bytes of a notification around its watch number.
    fileprivate struct Template {
        let head: ByteBuffer
        let tail: ByteBuffer
        let change: JobChange
    }

    /// The change decoded last.
    private var job: JobReference?
    private var template: Template?

    /// Decodes a repeat of the last notification for another watch.
    ///
    /// - Parameter body: Body of any frame.
    /// - Returns: nil if the frame is not such a repeat.
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

    /// Decodes a notification.
    ///
    /// - Parameters:
    ///   - params: Parameters of the notification.
    ///   - body: Body of its frame.
    mutating func read(_ params: ByteBuffer, of body: ByteBuffer) throws(JSONError) -> Told {
        let told = try Sidecar.JobChanged(json: params)
        let change = JobChange(told)
        // Searching for the number pays off only if a repeat is likely.
        template = change.reference == job ? try Template(body, told.watch, change) : nil
        job = change.reference
        return (told.watch, change)
    }
}

extension JobChangeReader.Template {
    /// nil where the watch has no number.
    fileprivate init?(_ body: ByteBuffer, _ watch: RequestID?, _ change: JobChange) throws(JSONError) {
        guard case .integer = watch, let place = try Self.placeOfWatch(in: body) else { return nil }
        // Copied: the socket's read buffer is reused.
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
