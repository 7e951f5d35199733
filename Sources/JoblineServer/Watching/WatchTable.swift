internal import JoblineProtocol
internal import NIOCore

/// Who watches which job, what each has been told, and which jobs to read next; decides, and does nothing itself.
///
/// A watch that has something to tell asks for the present of its jobs, in rounds of at most ``jobsPerRound``; it begins the next round
/// when it has told all of the last one. So what changes while its caller does not read is only marked, and a slow reader costs
/// no more than an idle one. A read that is asked for by many is made once.
///
/// No read that a watch asked for begins before the change that it is about, and a watch has one read of a job under way at
/// most. So states come in the order in which they were, and whatever changed last is read last.
struct WatchTable: ~Copyable {
    /// Numbers a watch, as long as the daemon runs.
    typealias WatchNumber = UInt64

    /// Jobs that one watch asks for at a time.
    static let jobsPerRound = 64
    /// Jobs that are read at a time.
    static let jobsPerRead = 100
    /// Reads at a time, so that they keep nobody else waiting.
    static let readsAtOnce = 2

    /// What a watch is about to tell.
    struct News: Sendable {
        /// Which of its jobs.
        let index: Int
        let finding: Finding
    }

    /// What a watch does next.
    enum Step: Sendable {
        /// Tell this, then ask again.
        case tell([News])
        /// All jobs have ended.
        case end
        case fail(any Error)
        /// Nothing, until told to ask again.
        case wait
    }

    /// Jobs to read.
    struct Read: Sendable {
        let jobs: [JobIdentity]
        fileprivate let number: UInt64
    }

    private var lastNumber: WatchNumber = 0
    private var watches: [WatchNumber: Watch] = [:]
    private var subjects: [JobIdentity: Subject] = [:]
    /// Those that are to be read.
    private var queue = RoundRobin<Subject>()
    private var lastRead: UInt64 = 0
    /// For whom what is being read is, job by job.
    private var reads: [UInt64: [[Watcher]]] = [:]

    /// Jobs know their watches, and those their jobs: without this, what is open would never be freed.
    deinit { for subject in subjects.values { subject.watchers = [:] } }

    /// True if nothing is watched, queued or read.
    var isEmpty: Bool { watches.isEmpty && subjects.isEmpty && queue.isEmpty && reads.isEmpty }
}

// MARK: - Watches

extension WatchTable {
    /// A watch begins; each of its jobs counts as changed.
    ///
    /// - Parameters:
    ///   - jobs: Each one once.
    ///   - lane: Whose turn its reads take.
    ///   - endsWithJobs: True if it ends when all its jobs have.
    mutating func open(_ jobs: [(JobIdentity, workflow: String?)], lane: Int, endsWithJobs: Bool) -> WatchNumber {
        lastNumber += 1
        let watch = Watch(
            lastNumber, jobs.map { Entry(subject: subject($0.0), workflow: $0.workflow) }, lane: lane,
            endsWithJobs: endsWithJobs)
        watches[lastNumber] = watch
        for (index, entry) in watch.entries.enumerated() {
            entry.subject.watchers[lastNumber] = Watcher(watch: watch, index: index)
        }
        return lastNumber
    }

    private mutating func subject(_ job: JobIdentity) -> Subject {
        if let subject = subjects[job] { return subject }
        let new = Subject(job)
        subjects[job] = new
        return new
    }

    /// A watch is over. What it asked for is not read any more, unless somebody else did, too.
    mutating func close(_ number: WatchNumber) {
        guard let watch = watches.removeValue(forKey: number) else { return }
        watch.isOpen = false
        for entry in watch.entries {
            entry.subject.watchers[number] = nil
            if entry.subject.watchers.isEmpty { subjects[entry.subject.job] = nil }
        }
    }

    /// What a watch that has told everything does now.
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

    /// A job is not as it was.
    mutating func changed(_ job: JobIdentity) {
        guard let watchers = subjects[job]?.watchers else { return }
        for watcher in watchers.values {
            let watch = watcher.watch
            switch watch.entries[watcher.index].state {
            case .told:
                watch.mark(watcher.index)
                if watch.isWaiting, watch.outstanding == 0 { ask(watch) }
            case .reading: watch.entries[watcher.index].state = .outdated
            // What is read next shows it; and nothing comes after the end.
            case .changed, .asked, .outdated, .ended: break
            }
        }
    }

    /// Begins a round.
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
    /// What to read now; nil if that is nothing, or enough is being read.
    mutating func nextRead() -> Read? {
        guard reads.count < Self.readsAtOnce else { return nil }
        var jobs: [JobIdentity] = []
        var watchers: [[Watcher]] = []
        while jobs.count < Self.jobsPerRead, let subject = queue.popFirst() {
            let waiting = exchange(&subject.waiting, with: []).filter(\.watch.isOpen)
            // Nobody wants it any more.
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

    /// A read has ended.
    ///
    /// - Parameter result: What the jobs are like, in the order of the read.
    /// - Returns: The watches that were waiting and have something to do now.
    mutating func ended(_ read: Read, _ result: Result<[JobSnapshot], any Error>) -> [WatchNumber] {
        guard let watchers = reads.removeValue(forKey: read.number) else { return [] }
        switch result {
        case .success(let snapshots):
            for ((job, snapshot), watchers) in zip(zip(read.jobs, snapshots), watchers) {
                let found = Finding(job, snapshot)
                for watcher in watchers { watcher.watch.take(found, watcher.index) }
            }
        case .failure(let error):
            for watcher in watchers.joined() { watcher.watch.failure = error }
        }
        return watchers.joined().compactMap { wake($0.watch) ? $0.watch.number : nil }
    }

    /// True if a watch that waits has something to do; if it only has more to ask for, it does that.
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
