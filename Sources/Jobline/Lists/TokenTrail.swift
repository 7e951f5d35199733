/// Sees whether a list goes round in a circle, with one token held however many pages there are.
///
/// Brent's way: the token of a page is remembered until twice as many pages have followed it, then a later one is. A circle is
/// noticed before three times the pages that there are were asked for.
struct TokenTrail: Sendable {
    private var remembered: String?
    private var steps = 0
    private var span = 1

    /// Notes the token of the next page.
    ///
    /// - Returns: False if it was there before.
    mutating func isNew(_ token: String) -> Bool {
        if token == remembered { return false }
        steps += 1
        if steps == span {
            remembered = token
            steps = 0
            span *= 2
        }
        return true
    }
}
