/// Asynchronous sequence of the elements of a list, requested page by page.
///
/// A page is requested when its first element is needed, and at most one page is held. Each iteration starts again at
/// the first page. Elements that are added or removed meanwhile neither repeat nor hide others. ``pages`` yields whole
/// responses instead.
///
/// ```swift
/// for try await job in client.comprehendMedical.rxNormInferenceJobs() { print(job.jobID ?? "") }
/// ```
///
/// The sequence throws a ``JoblineError``, with code `cancelled` if the task was cancelled, so that a partial list is
/// never mistaken for a complete one.
public struct PagedSequence<Element: Sendable, Page: Sendable>: AsyncSequence, Sendable {
    /// The error that ends the sequence early.
    public typealias Failure = JoblineError

    /// Asynchronous sequence of whole responses, one per page.
    public let pages: Pages
    private let items: @Sendable (Page) -> [Element]?

    /// Creates a list.
    ///
    /// - Parameters:
    ///   - name: Description of the list, for messages.
    ///   - token: Token of the first page to request; nil for the start of the list.
    ///   - items: Returns the elements of a page.
    ///   - nextToken: Returns the token of the page after a page.
    ///   - page: Requests the page with a token.
    init(
        _ name: String, startingAt token: String? = nil, items: @escaping @Sendable (Page) -> [Element]?,
        nextToken: @escaping @Sendable (Page) -> String?,
        page: @escaping @Sendable (_ token: String?) async throws(JoblineError) -> Page
    ) {
        self.items = items
        pages = Pages(name: name, token: token, nextToken: nextToken, page: page)
    }

    /// Creates an iterator that starts at the first page.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pages: pages.makeAsyncIterator(), items: items, elements: [][...])
    }

    /// One pass over the elements.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var pages: Pages.Iterator
        fileprivate let items: @Sendable (Page) -> [Element]?
        /// Remaining elements of the current page.
        fileprivate var elements: ArraySlice<Element>

        /// Returns the next element, and requests the next page if needed.
        ///
        /// - Returns: nil after the last one.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(JoblineError) -> Element? {
            while elements.isEmpty {
                // Release the page before requesting the next one.
                elements = [][...]
                guard let page = try await pages.next(isolation: actor) else { return nil }
                elements = (items(page) ?? [])[...]
            }
            if Task.isCancelled {
                elements = [][...]
                pages.end()
                throw JoblineError(.cancelled, "the task that reads \(pages.name) was cancelled")
            }
            return elements.popFirst()
        }
    }
}

extension PagedSequence {
    /// Asynchronous sequence of the pages of a list.
    public struct Pages: AsyncSequence, Sendable {
        /// One response.
        public typealias Element = Page
        /// The error that ends the sequence early.
        public typealias Failure = JoblineError

        fileprivate let name: String
        fileprivate let token: String?
        fileprivate let nextToken: @Sendable (Page) -> String?
        fileprivate let page: @Sendable (_ token: String?) async throws(JoblineError) -> Page

        /// Creates an iterator that starts at the first page.
        public func makeAsyncIterator() -> Iterator { Iterator(list: self, place: .at(token)) }

        /// One pass over the pages.
        public struct Iterator: AsyncIteratorProtocol {
            fileprivate enum Place {
                case at(_ token: String?)
                /// The next token repeats an earlier one.
                case circle
                case end
            }

            fileprivate let list: Pages
            fileprivate var place: Place
            fileprivate var trail = TokenTrail()
            fileprivate var name: String { list.name }

            /// Requests the next page.
            ///
            /// - Returns: nil after the last one.
            public mutating func next(
                isolation actor: isolated (any Actor)? = #isolation
            ) async throws(JoblineError) -> Page? {
                let here = place
                // The iteration ends if the request fails.
                place = .end
                switch here {
                case .end: return nil
                case .circle:
                    throw JoblineError(
                        .decoding, "\(name) does not end: the token of one page came again with a later one",
                        attempts: 1)
                case .at(let token):
                    let page = try await list.page(token)
                    if let next = list.nextToken(page), !next.isEmpty {
                        place = trail.isNew(next) ? .at(next) : .circle
                    }
                    return page
                }
            }

            fileprivate mutating func end() { place = .end }
        }
    }
}
