internal import GRDB

extension DatabaseError: StoreError {
    // Not the description: it shows the statement and its arguments.
    var summary: String { "SQLite error \(extendedResultCode)" }
}
