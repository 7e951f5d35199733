internal import JoblineBackend
internal import JoblineProtocol

/// Limits of one page of a list.
///
/// A page has at least one element, even if it is too large, since an empty page with a token would make no progress.
struct PageSize: Sendable, Hashable {
    /// Bytes reserved for the longest token, its member and the end of the object.
    private static let end = 512

    /// Maximum number of elements, at least 1.
    var limit: Int
    /// Maximum size of the result, in bytes.
    var bytes: Int

    /// - Parameters:
    ///   - limit: Maximum number of elements, at least 1.
    ///   - context: Context of the request, which limits the size of the response.
    init(_ limit: Int, for context: RequestContext) { self.init(limit: limit, bytes: context.resultBytes) }

    init(limit: Int, bytes: Int = .max) {
        self.limit = limit
        self.bytes = bytes
    }

    /// Whether the bytes written so far leave room for the end of the page.
    func fits(_ written: Int) -> Bool { written <= bytes - Self.end }
}
