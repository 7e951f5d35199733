public import JoblineProtocol

extension JoblineClient {
    /// Waits until a job has reached a terminal state.
    ///
    /// ```swift
    /// let job = try await client.waitUntilTerminal(reference) { job in
    ///     print(job.progress ?? 0)
    /// }
    /// guard job.state == .succeeded else { throw Failed(job.message) }
    /// ```
    ///
    /// The wait survives restarts of the daemon; nothing is polled.
    ///
    /// - Parameters:
    ///   - reference: Job to wait for.
    ///   - options: `timeout` limits the whole wait, reconnects included; unlimited by default.
    ///   - progress: Called by the waiting task with each change, including the current state and the last one. The
    ///     next change is delivered after it returns; changes made meanwhile are merged.
    /// - Returns: The job in its terminal state: succeeded, partial, failed or stopped.
    /// - Throws: ``JoblineError``; code `notFound` if there is no such job, `timeout` if the timeout passed, otherwise
    ///   as ``JobWatch/AsyncIterator/next(isolation:)``.
    public func waitUntilTerminal(
        _ reference: JobReference, options: CallOptions = CallOptions(), progress: (Job) -> Void = { _ in }
    ) async throws(JoblineError) -> Job {
        let ended = try await waitForEnds([reference], options, progress)
        guard let job = ended[reference], job.state != .gone else {
            throw JoblineError(
                .notFound, "no such job, or what was known of it has expired", method: Method.sidecarWatchJobs.rawValue,
                job: reference, attempts: 1)
        }
        return job
    }

    /// Waits until a started job has reached a terminal state; see
    /// ``waitUntilTerminal(_:options:progress:)-(JobReference,_,_)``.
    ///
    /// - Parameters:
    ///   - started: The started job.
    ///   - options: `timeout` limits the whole wait, reconnects included; unlimited by default.
    ///   - progress: Called by the waiting task with each change.
    /// - Returns: The job in its terminal state: succeeded, partial, failed or stopped.
    public func waitUntilTerminal<Response>(
        _ started: StartedJob<Response>, options: CallOptions = CallOptions(), progress: (Job) -> Void = { _ in }
    ) async throws(JoblineError) -> Job {
        try await waitUntilTerminal(started.reference, options: options, progress: progress)
    }

    /// Waits until each of several jobs, of any services, has reached a terminal state.
    ///
    /// - Parameters:
    ///   - jobs: Jobs to wait for; any number.
    ///   - options: `timeout` limits the whole wait for all jobs, reconnects included; unlimited by default.
    ///   - progress: Called by the waiting task with each change of any job.
    /// - Returns: The jobs in their terminal states, in the order of `jobs`; a job that does not exist has the state
    ///   `gone`.
    /// - Throws: ``JoblineError``; code `timeout`, with the number of jobs that have not ended, if the timeout passed,
    ///   otherwise as ``JobWatch/AsyncIterator/next(isolation:)``.
    public func waitUntilTerminal(
        _ jobs: [JobReference], options: CallOptions = CallOptions(), progress: (Job) -> Void = { _ in }
    ) async throws(JoblineError) -> [Job] {
        let ended = try await waitForEnds(jobs, options, progress)
        return jobs.map { ended[$0] ?? Job(reference: $0, state: .gone) }
    }

    private func waitForEnds(
        _ jobs: [JobReference], _ options: CallOptions, _ progress: (Job) -> Void
    ) async throws(JoblineError) -> [JobReference: Job] {
        let count = Set(jobs).count
        var ended: [JobReference: Job] = [:]
        do throws(JoblineError) {
            var changes = watch(jobs, until: .terminal, options: options).makeAsyncIterator()
            while let job = try await changes.next() {
                if job.state.isTerminal { ended[job.reference] = job }
                progress(job)
            }
        } catch {
            guard error.code == .timeout else { throw error }
            var error = error
            error.message =
                "\(count - ended.count) of \(count) \(count == 1 ? "job has" : "jobs have") not ended within "
                + "\(options.timeout ?? .zero)"
            throw error
        }
        guard ended.count == count else {
            throw JoblineError(
                .protocolViolation, "the daemon ended the watch before \(count - ended.count) of \(count) jobs",
                method: Method.sidecarWatchJobs.rawValue, job: jobs.only, attempts: 1)
        }
        return ended
    }
}
