internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// The columns of a job that describe and list responses show, read in place.
///
/// The texts are UTF-8 and belong to the store. They are valid only during the call that receives the view.
struct JobView {
    /// Number of the record, for ``CacheDependency``.
    var number: Int64
    var id: UnsafeRawBufferPointer
    var name: UnsafeRawBufferPointer?
    var status: UnsafeRawBufferPointer
    var submitted: Timestamp
    var ended: Timestamp?
    var expires: Timestamp?
    var message: UnsafeRawBufferPointer?
    /// Key of the manifest.
    var manifest: UnsafeRawBufferPointer?
    var modelVersion: UnsafeRawBufferPointer?
    var details: Details

    /// The members that stay as they are from the start of the job on.
    enum Details {
        /// A compact JSON object of them, prepared at the start of the job.
        case prepared(UnsafeRawBufferPointer)
        /// The request as JSON, and the URI of the output.
        case request(UnsafeRawBufferPointer, output: UnsafeRawBufferPointer)
    }
}

/// Encoder of a job. Stores call it on any thread, possibly more than once for a job.
typealias JobEncoder = @Sendable (JobView, inout JSONWriter) throws -> Void

/// One job as JSON, with what its cache entry depends on.
struct EncodedJob: Sendable {
    var json: ByteBuffer
    /// Number of the record.
    var number: Int64
    var expires: Timestamp?
}

/// Encoding of one page of jobs: an object of an array of jobs and the token of the next page.
struct JobPageFormat: Sendable {
    /// Name of the member with the jobs.
    var jobsMember: StaticString
    /// Name of the member with the token; the last page has none.
    var tokenMember: StaticString
    /// Encodes one job.
    var encode: JobEncoder
    /// Returns the token of the page after a position.
    var token: @Sendable (ListPosition) -> String
}

extension Job {
    /// Calls a closure with a view of the job.
    func withView<Value>(_ body: (JobView) throws -> Value) rethrows -> Value {
        // All texts in one buffer: a String need not have its own at a fixed address.
        var bytes: [UInt8] = []
        func range(_ text: String) -> Range<Int> {
            let start = bytes.count
            bytes += text.utf8
            return start..<bytes.count
        }
        let (id, status) = (range(key.id), range(self.status.name))
        let (request, output) = (range(self.request), range(self.output))
        let (name, message) = (self.name.map(range), self.message.map(range))
        let (manifest, modelVersion) = (self.manifest.map(range), self.modelVersion.map(range))
        return try bytes.withUnsafeBytes { bytes in
            func text(_ range: Range<Int>) -> UnsafeRawBufferPointer { .init(rebasing: bytes[range]) }
            return try body(
                JobView(
                    number: number, id: text(id), name: name.map(text), status: text(status), submitted: submitted,
                    ended: ended, expires: expires, message: message.map(text), manifest: manifest.map(text),
                    modelVersion: modelVersion.map(text), details: .request(text(request), output: text(output))))
        }
    }
}
