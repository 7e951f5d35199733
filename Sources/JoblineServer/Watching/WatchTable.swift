internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// Table of watches and the jobs that they watch: decides which jobs to read and what to send, and does no I/O.
///
/// A watch reads its changed jobs in rounds of at most ``jobsPerRound``. It begins a round when all notifications of the
/// last one are sent; meanwhile changes are only marked, so a slow reader costs no more than an idle one. Watches share
/// reads of the same job if they name its workflow in the same way: a source may need the workflow to find the job.
///
/// A read begins after the change that caused it, and a watch has at most one read of a job in progress. So states are
/// sent in order, and the last change is always read.
struct WatchTable: ~Copyable {
    /// Number of a watch, unique while the daemon runs.
    typealias WatchNumber = UInt64

    /// Maximum number of jobs in a round of one watch.
    static let jobsPerRound = 64
    /// Maximum number of jobs in a read.
    static let jobsPerRead = 100
    /// Maximum number of concurrent reads, so that other requests get their turn.
    static let readsAtOnce = 2

    /// Change to send to a watch.
    struct News: Sendable {
        /// Index of the job in the watch.
        let index: Int
        let finding: Finding
    }

    /// Next step of a watch.
    enum Step: Sendable {
        /// Send these changes, then ask for the next step.
        case tell([News])
        /// All jobs have ended.
        case end
        case fail(any Error)
        /// Wait until woken.
        case wait
    }

    /// Jobs to read.
    struct Read: Sendable {
        let jobs: [JobReference]
        fileprivate let number: UInt64
    }

    private var lastNumber: WatchNumber = 0
    private var watches: [WatchNumber: Watch] = [:]
    /// Subjects by job.
    private var subjects: [JobReference: Subjects] = [:]
    /// Jobs that wait for a read.
    private var queue = RoundRobin<Subject>()
    private var lastRead: UInt64 = 0
    /// Watchers of the reads in progress, job by job.
    private var reads: [UInt64: [[Watcher]]] = [:]

    /// Breaks the cycle between jobs and their watches.
    deinit { for subjects in subjects.values { for subject in subjects.all { subject.watchers = [:] } } }

    /// Whether nothing is watched, queued or read.
    var isEmpty: Bool { watches.isEmpty && subjects.isEmpty && queue.isEmpty && reads.isEmpty }
}

// MARK: - Watches

extension WatchTable {
    /// Opens a watch with all of its jobs marked as changed.
    ///
    /// - Parameters:
    ///   - jobs: Jobs, each one once.
    ///   - lane: Lane of the fair queue that its reads go to.
    ///   - endsWithJobs: Whether the watch ends when all of its jobs have.
    mutating func open(_ jobs: [JobReference], lane: Int, endsWithJobs: Bool) -> WatchNumber {
        lastNumber += 1
        let watch = Watch(
            lastNumber, jobs.map { Entry(subject: subject($0)) }, lane: lane, endsWithJobs: endsWithJobs)
        watches[lastNumber] = watch
        for (index, entry) in watch.entries.enumerated() {
            entry.subject.watchers[lastNumber] = Watcher(watch: watch, index: index)
        }
        return lastNumber
    }

    private mutating func subject(_ job: JobReference) -> Subject {
        if let subject = subjects[job]?[job.workflow] { return subject }
        let new = Subject(job)
        if subjects[job]?.insert(new) == nil { subjects[job] = Subjects(new) }
        return new
    }

    /// Closes a watch. Reads that only it asked for are dropped.
    mutating func close(_ number: WatchNumber) {
        guard let watch = watches.removeValue(forKey: number) else { return }
        watch.isOpen = false
        for entry in watch.entries {
            entry.subject.watchers[number] = nil
            let subject = entry.subject
            if subject.watchers.isEmpty, subjects[subject.job]?.remove(subject) == true { subjects[subject.job] = nil }
        }
    }

    /// Returns the next step of a watch that has sent everything.
    mutating func next(_ number: WatchNumber) -> Step {
        guard let watch = watches[number] else { return .end }
        if let failure = watch.failure { return .fail(failure) }
        if watch.outstanding == 0 {
            if !watch.news.isEmpty {
                var news = exchange(&watch.news, with: [])
                if news.count > 1 { news.sort { $0.index < $1.index } }
                return .tell(news)
            }
            if watch.hasEnded { return .end }
            ask(watch)
        }
        watch.isWaiting = true
        return .wait
    }

    /// Marks a job as changed.
    mutating func changed(_ job: JobReference) {
        for subject in subjects[job]?.all ?? [] {
            for watcher in subject.watchers.values { markChanged(watcher) }
        }
    }

    private mutating func markChanged(_ watcher: Watcher) {
        let watch = watcher.watch
        switch watch.entries[watcher.index].state {
        case .told:
            watch.mark(watcher.index)
            if watch.isWaiting, watch.outstanding == 0 { ask(watch) }
        case .reading: watch.entries[watcher.index].state = .outdated
        // The next read shows the change; nothing follows an end.
        case .changed, .asked, .outdated, .ended: break
        }
    }

    /// Begins a round of a watch.
    private mutating func ask(_ watch: Watch) {
        while watch.outstanding < Self.jobsPerRound, let index = watch.changed.popFirst() {
            let subject = watch.entries[index].subject
            watch.entries[index].state = .asked
            watch.outstanding += 1
            if subject.waiting.isEmpty { queue.append(subject, to: watch.lane) }
            subject.waiting.append(Watcher(watch: watch, index: index))
        }
    }
}

// MARK: - Reads

extension WatchTable {
    /// Returns the next read; nil if there is none, or if enough are in progress.
    mutating func nextRead() -> Read? {
        guard reads.count < Self.readsAtOnce else { return nil }
        var jobs: [JobReference] = []
        var watchers: [[Watcher]] = []
        while jobs.count < Self.jobsPerRead, let subject = queue.popFirst() {
            let waiting = exchange(&subject.waiting, with: []).filter(\.watch.isOpen)
            // All of its watches were closed.
            if waiting.isEmpty { continue }
            for watcher in waiting { watcher.watch.entries[watcher.index].state = .reading }
            jobs.append(subject.job)
            watchers.append(waiting)
        }
        if jobs.isEmpty { return nil }
        lastRead += 1
        reads[lastRead] = watchers
        return Read(jobs: jobs, number: lastRead)
    }

    /// Takes the result of a read.
    ///
    /// - Parameter result: Snapshots in the order of the read.
    /// - Returns: The waiting watches that have a next step now.
    mutating func ended(_ read: Read, _ result: Result<[JobSnapshot], any Error>) -> [WatchNumber] {
        guard let watchers = reads.removeValue(forKey: read.number) else { return [] }
        switch result {
        case .success(let snapshots):
            for ((job, snapshot), watchers) in zip(zip(read.jobs, snapshots), watchers) {
                // A job is not found under another workflow than its own.
                let isFound = job.workflow.map(snapshot.workflows.contains) ?? true
                let found = Finding(job, isFound ? snapshot : .gone)
                for watcher in watchers { watcher.watch.take(found, watcher.index) }
            }
        case .failure(let error):
            for watcher in watchers.joined() { watcher.watch.failure = error }
        }
        return watchers.joined().compactMap { wake($0.watch) ? $0.watch.number : nil }
    }

    /// Wakes a waiting watch if it has a next step; otherwise begins its next round.
    private mutating func wake(_ watch: Watch) -> Bool {
        guard watch.isOpen, watch.isWaiting else { return false }
        if watch.isDue {
            watch.isWaiting = false
            return true
        }
        if watch.outstanding == 0 { ask(watch) }
        return false
    }
}
