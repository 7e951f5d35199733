public import JoblineProtocol

extension JoblineClient {
    /// Follows jobs of any services: their present states, then every change.
    ///
    /// Nothing is polled: the daemon tells. All watches of a client travel over its one connection and take none of the places
    /// that calls have; a connection may watch 10,000 jobs at a time, unless the daemon is configured otherwise.
    ///
    /// - Parameters:
    ///   - jobs: What to watch, as many as you like: requests of 1,000 jobs each are made of them. Without any the watch ends
    ///     at once.
    ///   - until: When it ends by itself: by default as soon as each job has ended or is gone. With nil it goes on until the
    ///     loop is left.
    ///   - options: `timeout` is how long the whole watch may take, reconnecting included; without it a watch takes as long as
    ///     the jobs do. `retry` means nothing here: a watch is asked for again as long as it makes sense.
    /// - Returns: A sequence that asks the daemon when it is iterated.
    public func watch(
        _ jobs: [JobReference], until: WatchEnd? = .terminal, options: CallOptions = CallOptions()
    ) -> JobWatch {
        JobWatch(client: self, jobs: jobs, until: until, options: options)
    }

    /// Follows one job: its present state, then every change.
    ///
    /// - Parameters:
    ///   - job: What to watch.
    ///   - until: When it ends by itself: by default as soon as the job has ended or is gone.
    ///   - options: `timeout` is how long the whole watch may take; without it as long as the job.
    /// - Returns: A sequence that asks the daemon when it is iterated.
    public func watch(
        _ job: JobReference, until: WatchEnd? = .terminal, options: CallOptions = CallOptions()
    ) -> JobWatch {
        watch([job], until: until, options: options)
    }
}
