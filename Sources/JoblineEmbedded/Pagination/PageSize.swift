internal import JoblineBackend
internal import JoblineProtocol

/// Limits of one page of a list.
///
/// A page has at least one element, even if that one alone is too large: an empty page with a token would never get past it.
struct PageSize: Sendable, Hashable {
    /// Room for the longest token, its member and the end of the object.
    private static let end = 512

    /// Most elements, at least 1.
    var limit: Int
    /// Most bytes of the whole result.
    var bytes: Int

    /// - Parameters:
    ///   - limit: Most elements, at least 1.
    ///   - context: The request that asks for the page; its reply has a cap.
    init(_ limit: Int, for context: RequestContext) { self.init(limit: limit, bytes: context.resultBytes) }

    init(limit: Int, bytes: Int = .max) {
        self.limit = limit
        self.bytes = bytes
    }

    /// Whether the bytes written so far leave room for the end of the page.
    func fits(_ written: Int) -> Bool { written <= bytes - Self.end }
}
