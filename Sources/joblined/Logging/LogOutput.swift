/// Destination of the log.
protocol LogOutput: Sendable {
    /// Writes entries in order. Can block; the log calls it on its own thread.
    ///
    /// - Returns: Number of entries that could not be written.
    func write(_ entries: [LogEntry]) -> Int

    /// Writes the reason for the end of the process.
    func write(exitReason: LogEntry)
}
