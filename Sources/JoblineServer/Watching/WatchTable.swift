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
    struct News: Sendable, Hashable {
        /// Which of its jobs.
        let index: Int
        let snapshot: JobSnapshot
    }

    /// One job of one watch.
    struct Watcher: Sendable, Hashable {
        let watch: WatchNumber
        let index: Int
    }

    private struct Subject {
        /// The watches, and which of their jobs this is.
        var watchers: [WatchNumber: Int] = [:]
        /// Those that wait for the next read. The job is queued while there are any.
        var waiting: [Watcher] = []
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

    /// Jobs to read, and for whom.
    struct Read: Sendable {
        let jobs: [JobIdentity]
        fileprivate let watchers: [[Watcher]]
    }

    private var lastNumber: WatchNumber = 0
    private var watches: [WatchNumber: Watch] = [:]
    private var subjects: [JobIdentity: Subject] = [:]
    private var queue = RoundRobin<JobIdentity>()
    private var reads = 0

    /// True if nothing is watched, queued or read.
    var isEmpty: Bool { watches.isEmpty && subjects.isEmpty && queue.isEmpty && reads == 0 }
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
        for (index, job) in jobs.enumerated() { subjects[job.0, default: Subject()].watchers[lastNumber] = index }
        watches[lastNumber] = Watch(
            jobs.map { Entry(job: $0.0, workflow: $0.workflow) }, lane: lane, endsWithJobs: endsWithJobs)
        return lastNumber
    }

    /// A watch is over. What it asked for is not read any more, unless somebody else did, too.
    mutating func close(_ number: WatchNumber) {
        guard let watch = watches.removeValue(forKey: number) else { return }
        for entry in watch.entries {
            subjects[entry.job]?.watchers[number] = nil
            if subjects[entry.job]?.watchers.isEmpty == true { subjects[entry.job] = nil }
        }
    }

    /// What a watch that has told everything does now.
    mutating func next(_ number: WatchNumber) -> Step {
        guard let watch = watches[number] else { return .end }
        if let failure = watch.failure { return .fail(failure) }
        if watch.outstanding == 0 {
            if !watch.news.isEmpty {
                defer { watch.news = [] }
                return .tell(watch.news.sorted { $0.index < $1.index })
            }
            if watch.hasEnded { return .end }
            ask(number, watch)
        }
        watch.isWaiting = true
        return .wait
    }

    /// A job is not as it was.
    mutating func changed(_ job: JobIdentity) {
        guard let watchers = subjects[job]?.watchers else { return }
        for (number, index) in watchers {
            guard let watch = watches[number] else { continue }
            switch watch.entries[index].state {
            case .told:
                watch.mark(index)
                if watch.isWaiting, watch.outstanding == 0 { ask(number, watch) }
            case .reading: watch.entries[index].state = .outdated
            // What is read next shows it; and nothing comes after the end.
            case .changed, .asked, .outdated, .ended: break
            }
        }
    }

    /// Begins a round.
    private mutating func ask(_ number: WatchNumber, _ watch: Watch) {
        while watch.outstanding < Self.jobsPerRound, let index = watch.changed.popFirst() {
            let job = watch.entries[index].job
            watch.entries[index].state = .asked
            watch.outstanding += 1
            if subjects[job]?.waiting.isEmpty == true { queue.append(job, to: watch.lane) }
            subjects[job]?.waiting.append(Watcher(watch: number, index: index))
        }
    }
}

// MARK: - Reads

extension WatchTable {
    /// What to read now; nil if that is nothing, or enough is being read.
    mutating func nextRead() -> Read? {
        guard reads < Self.readsAtOnce else { return nil }
        var jobs: [JobIdentity] = []
        var watchers: [[Watcher]] = []
        while jobs.count < Self.jobsPerRead, let job = queue.popFirst() {
            let waiting = (subjects[job]?.waiting ?? []).filter { watches[$0.watch] != nil }
            subjects[job]?.waiting = []
            // Nobody wants it any more, or it was queued twice because everybody went and came again.
            if waiting.isEmpty { continue }
            for watcher in waiting { watches[watcher.watch]?.entries[watcher.index].state = .reading }
            jobs.append(job)
            watchers.append(waiting)
        }
        if jobs.isEmpty { return nil }
        reads += 1
        return Read(jobs: jobs, watchers: watchers)
    }

    /// A read has ended.
    ///
    /// - Parameter result: What the jobs are like, in the order of the read.
    /// - Returns: The watches that were waiting and have something to do now.
    mutating func ended(_ read: Read, _ result: Result<[JobSnapshot], any Error>) -> [WatchNumber] {
        reads -= 1
        var touched: Set<WatchNumber> = []
        for (place, watchers) in read.watchers.enumerated() {
            touched.formUnion(watchers.lazy.map(\.watch))
            switch result {
            case .success(let snapshots):
                let found = Finding(snapshots[place])
                for watcher in watchers { watches[watcher.watch]?.take(found, watcher.index) }
            case .failure(let error):
                for watcher in watchers { watches[watcher.watch]?.failure = error }
            }
        }
        return touched.filter { wake($0) }
    }

    /// True if a watch that waits has something to do; if it only has more to ask for, it does that.
    private mutating func wake(_ number: WatchNumber) -> Bool {
        guard let watch = watches[number], watch.isWaiting else { return false }
        if watch.isDue {
            watch.isWaiting = false
            return true
        }
        if watch.outstanding == 0 { ask(number, watch) }
        return false
    }
}
