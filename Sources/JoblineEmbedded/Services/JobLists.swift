internal import JoblineBackend
internal import JoblineProtocol

/// Pages of the jobs that a list request asks for.
struct JobLists: Sendable {
    let store: any JobStore
    let tokens: PageTokens
    let now: @Sendable () -> Timestamp

    /// Returns one page; see ``PageTokens/page(of:named:after:size:position:fetch:show:)``.
    func page<Response>(
        _ query: JobQuery, of list: [String?], named name: StaticString, after token: String?, size: PageSize,
        _ show: (Job) throws -> some JSONEncodable
    ) async throws -> Encoded<Response> {
        try await tokens.page(
            of: list, named: name, after: token, size: size,
            position: { ListPosition(time: $0.submitted, id: $0.key.id) },
            fetch: { position, limit in
                var query = query
                query.position = position
                return try await store.jobs(query, limit: limit, now: now())
            }, show: show)
    }
}
