public import ServiceLifecycle

extension JoblineClient: Service {
    /// Lets the client live as long as a service group: returns once it is closed.
    ///
    /// The client works without it, too, from the first call on. In a group it is closed after the services that were added
    /// behind it have stopped using it.
    ///
    /// ```swift
    /// let group = ServiceGroup(
    ///     services: [client, worker], gracefulShutdownSignals: [.sigterm], logger: logger)
    /// try await group.run()
    /// ```
    ///
    /// On graceful shutdown it does what ``shutdown()`` does, and on cancellation what ``close()`` does.
    public func run() async {
        do {
            try await gracefulShutdown()
            await shutdown()
        } catch {
            await close()
        }
    }

    /// Closes the client once the calls under way have ended.
    ///
    /// Later calls fail with ``JoblineError/Code/closed`` at once. Those under way end as they would have: each has its deadline,
    /// retries included. Watches and waits end now, with the same error, because they could go on for ever; jobs go on.
    /// If the task is cancelled meanwhile, the rest is cut off as by ``close()``.
    public func shutdown() async {
        callsUnderWay.close()
        connection.endWatches()
        await callsUnderWay.untilNone()
        await close()
    }
}
