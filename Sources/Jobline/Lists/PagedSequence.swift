/// The elements of a list, asked for page by page.
///
/// No page is asked for before its first element is wanted, and no more than one is held. Each iteration begins at the first page
/// and asks anew; elements that come and go meanwhile neither repeat nor hide others. ``pages`` has whole answers instead.
///
/// ```swift
/// for try await job in client.comprehendMedical.rxNormInferenceJobs() { print(job.jobID ?? "") }
/// ```
///
/// It ends with a ``JoblineError``, with code `cancelled` where its task was cancelled, so that the elements seen are never taken
/// for all there are.
public struct PagedSequence<Element: Sendable, Page: Sendable>: AsyncSequence, Sendable {
    /// What it ends with before its time.
    public typealias Failure = JoblineError

    /// The whole answers, one for each page.
    public let pages: Pages
    private let items: @Sendable (Page) -> [Element]?

    /// A list.
    ///
    /// - Parameters:
    ///   - name: What is listed, for messages.
    ///   - token: Where to begin; nil for the first page.
    ///   - items: The elements of a page.
    ///   - nextToken: Where the page ended.
    ///   - page: Asks for the page that begins at a token.
    init(
        _ name: String, startingAt token: String? = nil, items: @escaping @Sendable (Page) -> [Element]?,
        nextToken: @escaping @Sendable (Page) -> String?,
        page: @escaping @Sendable (_ token: String?) async throws(JoblineError) -> Page
    ) {
        self.items = items
        pages = Pages(name: name, token: token, nextToken: nextToken, page: page)
    }

    /// Begins at the first page.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pages: pages.makeAsyncIterator(), items: items, elements: [][...])
    }

    /// One pass over the elements.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var pages: Pages.Iterator
        fileprivate let items: @Sendable (Page) -> [Element]?
        /// What is left of the page at hand.
        fileprivate var elements: ArraySlice<Element>

        /// The next element, which may need the next page.
        ///
        /// - Returns: nil after the last one.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(JoblineError) -> Element? {
            while elements.isEmpty {
                // Gone before the next page comes.
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
    /// The answers that a list consists of.
    public struct Pages: AsyncSequence, Sendable {
        /// One answer.
        public typealias Element = Page
        /// What it ends with before its time.
        public typealias Failure = JoblineError

        fileprivate let name: String
        fileprivate let token: String?
        fileprivate let nextToken: @Sendable (Page) -> String?
        fileprivate let page: @Sendable (_ token: String?) async throws(JoblineError) -> Page

        /// Begins at the first page.
        public func makeAsyncIterator() -> Iterator { Iterator(list: self, place: .at(token)) }

        /// One pass over the pages.
        public struct Iterator: AsyncIteratorProtocol {
            fileprivate enum Place {
                case at(_ token: String?)
                /// At a page that was there before.
                case circle
                case end
            }

            fileprivate let list: Pages
            fileprivate var place: Place
            fileprivate var trail = TokenTrail()
            fileprivate var name: String { list.name }

            /// Asks for the next page.
            ///
            /// - Returns: nil after the last one.
            public mutating func next(
                isolation actor: isolated (any Actor)? = #isolation
            ) async throws(JoblineError) -> Page? {
                let here = place
                // Stays so if there is no answer.
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
