public import JoblineProtocol

extension JoblineClient {
    /// Watches jobs of any services: their current states, then every change.
    ///
    /// The daemon pushes changes; nothing is polled. All watches of a client share its connection and use none of its
    /// call slots. A connection may watch 10,000 jobs at a time unless the daemon is configured otherwise.
    ///
    /// - Parameters:
    ///   - jobs: Jobs to watch, any number; sent in requests of up to 1,000 jobs. An empty array ends the watch at
    ///     once.
    ///   - until: Condition that ends the watch: by default when every job has ended or is gone. With nil the watch
    ///     continues until the loop is left.
    ///   - options: `timeout` limits the whole watch, reconnects included; unlimited by default. `retry` is ignored: a
    ///     watch reconnects on its own.
    /// - Returns: A sequence that sends the request when it is iterated.
    public func watch(
        _ jobs: [JobReference], until: WatchEnd? = .terminal, options: CallOptions = CallOptions()
    ) -> JobWatch {
        JobWatch(client: self, jobs: jobs, until: until, options: options)
    }

    /// Watches one job: its current state, then every change.
    ///
    /// - Parameters:
    ///   - job: Job to watch.
    ///   - until: Condition that ends the watch: by default when the job has ended or is gone.
    ///   - options: `timeout` limits the whole watch; unlimited by default.
    /// - Returns: A sequence that sends the request when it is iterated.
    public func watch(
        _ job: JobReference, until: WatchEnd? = .terminal, options: CallOptions = CallOptions()
    ) -> JobWatch {
        watch([job], until: until, options: options)
    }
}
