package import JoblineBackend
internal import JoblineProtocol

extension EmbeddedBackend {
    package func observeRecords(_ observer: any RecordObserver) { store.observeRecords(observer) }
}

extension CacheDependency {
    /// The answer depends on this job and on nothing else.
    func isAbout(_ job: Job) { isAbout(job.number, until: job.expires) }

    /// The answer depends on this job and on nothing else.
    func isAbout(_ job: EncodedJob) { isAbout(job.number, until: job.expires) }
}
