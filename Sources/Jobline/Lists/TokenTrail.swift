/// Detects cycles in the page tokens of a list, in constant memory.
///
/// Uses Brent's algorithm: one token is remembered until twice as many pages have followed, then replaced by a later
/// one. A cycle is detected before three times the number of distinct pages were requested.
struct TokenTrail: Sendable {
    private var remembered: String?
    private var steps = 0
    private var span = 1

    /// Records the token of the next page.
    ///
    /// - Returns: False if the token repeats the remembered one.
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
