/// Where the log goes.
protocol LogOutput: Sendable {
    /// Writes entries in their order. May take as long as the other side wants; the log has a thread for it.
    ///
    /// - Returns: How many could not be written.
    func write(_ entries: [LogEntry]) -> Int

    /// Writes why the process ends.
    func write(lastWords: LogEntry)
}
