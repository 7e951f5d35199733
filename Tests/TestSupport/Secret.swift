/// A word that stands for everything in requests, jobs and files that no log may hold: tests put it there, and every log that
/// they come by is searched for it.
package enum Secret {
    /// Fits into names, keys, buckets, ARNs, tags, tokens and ids.
    package static let word = "zq9x-s3kr1t"

    /// The lines that hold it.
    package static func lines(of log: String) -> [Substring] {
        log.split(separator: "\n").filter { $0.lowercased().contains(word) }
    }

    /// Searches the log of a daemon.
    ///
    /// - Throws: The first line that holds it.
    package static func search(_ log: String) throws(TestFailure) {
        guard let line = lines(of: log).first else { return }
        throw TestFailure("the log has what it must not have: \(line)")
    }
}
