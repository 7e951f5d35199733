public import JoblineProtocol

extension JoblineClient {
    /// Waits until a job has ended, whatever its end.
    ///
    /// ```swift
    /// let job = try await client.waitUntilTerminal(reference) { job in
    ///     print(job.progress ?? 0)
    /// }
    /// guard job.state == .succeeded else { throw Failed(job.message) }
    /// ```
    ///
    /// A restart of the daemon does not end the wait, and nothing is polled.
    ///
    /// - Parameters:
    ///   - reference: What to wait for.
    ///   - options: `timeout` is how long to wait, reconnecting included; without it as long as the job takes.
    ///   - progress: Told of each change, the present state and the last one included, by the waiting task. The next change
    ///     waits for it to return, and takes in what happened meanwhile.
    /// - Returns: The job as it ended: succeeded, partial, failed or stopped.
    /// - Throws: ``JoblineError``; with code `notFound` if there is no such job, `timeout` if it has not ended in time, and as
    ///   ``JobWatch/AsyncIterator/next(isolation:)``.
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

    /// Waits until a job that was just started has ended, whatever its end; see
    /// ``waitUntilTerminal(_:options:progress:)-(JobReference,_,_)``.
    ///
    /// - Parameters:
    ///   - started: What the call that started the job returned.
    ///   - options: `timeout` is how long to wait, reconnecting included; without it as long as the job takes.
    ///   - progress: Told of each change, by the waiting task.
    /// - Returns: The job as it ended: succeeded, partial, failed or stopped.
    public func waitUntilTerminal<Response>(
        _ started: StartedJob<Response>, options: CallOptions = CallOptions(), progress: (Job) -> Void = { _ in }
    ) async throws(JoblineError) -> Job {
        try await waitUntilTerminal(started.reference, options: options, progress: progress)
    }

    /// Waits until each of several jobs, of any services, has ended.
    ///
    /// - Parameters:
    ///   - jobs: What to wait for; as many as you like.
    ///   - options: `timeout` is how long to wait for all of them, reconnecting included; without it as long as they take.
    ///   - progress: Told of each change of any of them, by the waiting task.
    /// - Returns: The jobs as they ended, in the order of `jobs`; one that does not exist has the state `gone`.
    /// - Throws: ``JoblineError``; with code `timeout`, and how many have not ended, if the time passed, and as
    ///   ``JobWatch/AsyncIterator/next(isolation:)``.
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
