public import ServiceLifecycle

extension JoblineClient: Service {
    /// Runs the client as a service in a service group; returns once the client is closed.
    ///
    /// A client also works without a group, from the first call on. A group closes it after the services added after it
    /// have stopped.
    ///
    /// ```swift
    /// let group = ServiceGroup(
    ///     services: [client, worker], gracefulShutdownSignals: [.sigterm], logger: logger)
    /// try await group.run()
    /// ```
    ///
    /// Graceful shutdown calls ``shutdown()``; cancellation calls ``close()``.
    public func run() async {
        do {
            try await gracefulShutdown()
            await shutdown()
        } catch {
            await close()
        }
    }

    /// Closes the client after the pending calls have ended.
    ///
    /// Later calls fail with ``JoblineError/Code/closed`` at once. Pending calls run to their ends within their
    /// deadlines, retries included. Watches and waits end now with the same error, because they may be unlimited; jobs
    /// continue. If the task is cancelled meanwhile, the remaining calls fail as by ``close()``.
    public func shutdown() async {
        pendingCalls.close()
        connection.endWatches()
        await pendingCalls.untilNone()
        await close()
    }
}
