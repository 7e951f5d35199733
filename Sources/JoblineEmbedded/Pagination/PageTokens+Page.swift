internal import JoblineBackend
internal import JoblineProtocol

extension PageTokens {
    /// The response of a list: one page, as an object of the elements and `nextToken`.
    ///
    /// - Parameters:
    ///   - list: What tells this list from others.
    ///   - name: The name of the member with the elements.
    ///   - token: Where the page before ended; nil for the first one.
    ///   - size: How much the page may hold.
    ///   - position: Where an element stands.
    ///   - fetch: Gets so many elements, or as many as there are, that come after a position.
    ///   - show: What is shown of an element.
    /// - Throws: `invalidToken` for a token that was not given out for this list.
    func page<Element: Sendable, Shown: JSONEncodable, Response>(
        of list: [String?], named name: StaticString, after token: String?, size: PageSize,
        position: (Element) -> ListPosition, fetch: (ListPosition?, Int) async throws -> [Element],
        show: (Element) throws -> Shown
    ) async throws -> Encoded<Response> {
        let start = try start(of: list, after: token, member: "nextToken")
        // One more than is shown tells whether there is a next page.
        let elements = try await fetch(start, size.limit + 1)
        var writer = JSONWriter()
        try writer.object { writer in
            var shown = 0
            writer.key(name)
            try writer.array { writer in
                for element in elements.prefix(size.limit) {
                    let before = writer.mark
                    try show(element).write(to: &writer)
                    guard shown == 0 || size.fits(writer.count) else { return writer.rewind(to: before) }
                    shown += 1
                }
            }
            guard shown < elements.count, shown > 0 else { return }
            writer.member("nextToken", self.token(after: position(elements[shown - 1]), of: list))
        }
        return Encoded(json: writer.finish())
    }

    /// Returns the position at which a page begins.
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
