internal import JoblineProtocol

/// Where something stands in a list: its time, and what breaks ties.
struct ListPosition: Sendable, Hashable {
    var time: Timestamp
    var id: String

    init(time: Timestamp, id: String) {
        self.time = time
        self.id = id
    }
}

/// A part of a list.
struct Page<Element: Sendable>: Sendable {
    var elements: [Element]
    /// Asks for the next page, if there is one.
    var nextToken: String?
}

extension PageTokens {
    /// One page of a list.
    ///
    /// - Parameters:
    ///   - list: What tells this list from others.
    ///   - token: Where the page before ended; nil for the first one.
    ///   - limit: Most elements on the page, at least 1.
    ///   - member: The name of the token's member, for errors.
    ///   - position: Where an element stands.
    ///   - fetch: Gets so many elements, or as many as there are, that come after a position.
    /// - Throws: `invalidToken` for a token that was not given out for this list.
    func page<Element: Sendable>(
        of list: [String?], after token: String?, limit: Int, member: String, position: (Element) -> ListPosition,
        fetch: (ListPosition?, Int) async throws -> [Element]
    ) async throws -> Page<Element> {
        let start = try start(of: list, after: token, member: member)
        // One more than is shown tells whether there is a next page.
        var elements = try await fetch(start, limit + 1)
        guard elements.count > limit else { return Page(elements: elements) }
        elements.removeLast(elements.count - limit)
        return Page(elements: elements, nextToken: elements.last.map { self.token(after: position($0), of: list) })
    }

    /// Where a page begins.
    ///
    /// - Parameters:
    ///   - list: What tells this list from others.
    ///   - token: Where the page before ended; nil for the first one.
    ///   - member: The name of the token's member, for errors.
    /// - Returns: The position of the last element before the page; nil for the first page.
    /// - Throws: `invalidToken` for a token that was not given out for this list.
    func start(
        of list: [String?], after token: String?, member: String
    ) throws(ServiceError) -> ListPosition? {
        guard let token else { return nil }
        if let position = position(token, of: list) { return position }
        throw ServiceError(
            .invalidToken, "the token was not given out for this list: start again without one", path: member)
    }
}
