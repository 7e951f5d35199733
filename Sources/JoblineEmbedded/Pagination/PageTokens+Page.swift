internal import JoblineBackend
internal import JoblineProtocol

extension PageTokens {
    /// Returns one page of a list, as an object with the elements and `nextToken`.
    ///
    /// - Parameters:
    ///   - list: Identity of the list: service, family, workflow, filter.
    ///   - name: Name of the member with the elements.
    ///   - token: Token from the previous page; nil for the first page.
    ///   - size: Limits of the page.
    ///   - position: Returns the position of an element.
    ///   - fetch: Returns at most the given number of elements after a position.
    ///   - show: Returns the public form of an element.
    /// - Throws: `invalidToken` for a token of another list.
    func page<Element: Sendable, Shown: JSONEncodable, Response>(
        of list: [String?], named name: StaticString, after token: String?, size: PageSize,
        position: (Element) -> ListPosition, fetch: (ListPosition?, Int) async throws -> [Element],
        show: (Element) throws -> Shown
    ) async throws -> Encoded<Response> {
        let start = try start(of: list, after: token, member: "nextToken")
        // One element more than the limit shows whether there is a next page.
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
    ///   - list: Identity of the list: service, family, workflow, filter.
    ///   - token: Token from the previous page; nil for the first page.
    ///   - member: Name of the token's member, for errors.
    /// - Returns: Position of the last element before the page; nil for the first page.
    /// - Throws: `invalidToken` for a token of another list.
    func start(
        of list: [String?], after token: String?, member: String
    ) throws(ServiceError) -> ListPosition? {
        guard let token else { return nil }
        if let position = position(token, of: list) { return position }
        throw ServiceError(
            .invalidToken, "the token was not given out for this list: start again without one", path: member)
    }
}
