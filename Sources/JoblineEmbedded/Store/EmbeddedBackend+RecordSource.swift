package import JoblineBackend
internal import JoblineProtocol

extension EmbeddedBackend {
    package func observeRecords(_ observer: any RecordObserver) { store.observeRecords(observer) }
}

extension CacheDependency {
    /// Declares that the result depends on one job, and on nothing else but time.
    func isAbout(_ job: Job) { isAbout(RecordKey(rowID: job.number), until: job.expires) }

    /// Declares that the result depends on one job, and on nothing else but time.
    func isAbout(_ job: EncodedJob) { isAbout(RecordKey(rowID: job.number), until: job.expires) }
}
