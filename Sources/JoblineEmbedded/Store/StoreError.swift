/// An error of the database behind a ``JobStore``.
protocol StoreError: Error {
    /// The database's name or number of the error, for logs and callers: holds nothing that is stored.
    var summary: String { get }
}
