internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

extension WatchTable {
    /// One job of one watch.
    struct Entry {
        enum State {
            /// Sent as last read.
            case told
            /// Changed; read in the next round.
            case changed
            /// Queued for a read.
            case asked
            /// In a read.
            case reading
            /// In a read, and changed since the read began.
            case outdated
            /// Ended, and the end was sent.
            case ended
        }

        let subject: Subject
        var state = State.changed
        /// Fingerprint of the snapshot that was sent last.
        var fingerprint: Int?
    }

    /// Watch of one caller. A class, so that a change of one entry copies none of the others.
    final class Watch {
        let number: WatchNumber
        let lane: Int
        let endsWithJobs: Bool
        var entries: [Entry]
        /// Indices of the changed entries, in the order of their changes.
        var changed: CircularBuffer<Int>
        /// Number of jobs of this round that are not read yet.
        var outstanding = 0
        /// Jobs of this round that differ from what was sent.
        var news: [News] = []
        /// Number of jobs that have not ended.
        var remaining: Int
        var failure: (any Error)?
        /// Whether the watch is in the table.
        var isOpen = true
        /// Whether the caller waits to be woken when there is a next step.
        var isWaiting = false

        init(_ number: WatchNumber, _ entries: [Entry], lane: Int, endsWithJobs: Bool) {
            self.number = number
            self.entries = entries
            self.lane = lane
            self.endsWithJobs = endsWithJobs
            changed = CircularBuffer(entries.indices)
            remaining = entries.count
        }

        /// Whether the watch ends with its jobs, and all have ended.
        var hasEnded: Bool { endsWithJobs && remaining == 0 }
        /// Whether a round is complete and has a next step.
        var isDue: Bool { failure != nil || (outstanding == 0 && (!news.isEmpty || hasEnded)) }

        func mark(_ index: Int) {
            entries[index].state = .changed
            changed.append(index)
        }
    }

    /// Watched job with its workflow as some watches name it. A class, so that its watches reach it without a lookup.
    final class Subject {
        let job: JobReference
        /// Watchers by watch; a watch has each job once.
        var watchers: [WatchNumber: Watcher] = [:]
        /// Watchers that wait for the next read. The job is queued while there are any.
        var waiting: [Watcher] = []

        init(_ job: JobReference) { self.job = job }
    }

    /// Subjects of one job, one for each name of its workflow. Nearly always there is one.
    struct Subjects {
        private var first: Subject
        private var others: [String?: Subject] = [:]

        init(_ subject: Subject) { first = subject }

        var all: [Subject] { [first] + others.values }

        subscript(workflow: String?) -> Subject? { first.job.workflow == workflow ? first : others[workflow] }

        mutating func insert(_ subject: Subject) { others[subject.job.workflow] = subject }

        /// Removes a subject.
        ///
        /// - Returns: Whether none is left.
        mutating func remove(_ subject: Subject) -> Bool {
            if subject !== first {
                others[subject.job.workflow] = nil
            } else if let next = others.popFirst() {
                first = next.value
            } else {
                return true
            }
            return false
        }
    }

    /// One job of one watch.
    struct Watcher {
        let watch: Watch
        let index: Int
    }
}

extension WatchTable.Watch {
    /// Takes the snapshot of a job.
    func take(_ found: WatchTable.Finding, _ index: Int) {
        outstanding -= 1
        if entries[index].fingerprint != found.fingerprint {
            entries[index].fingerprint = found.fingerprint
            news.append(WatchTable.News(index: index, finding: found))
        }
        if endsWithJobs, found.snapshot.state.isTerminal {
            entries[index].state = .ended
            remaining -= 1
        } else if case .outdated = entries[index].state {
            mark(index)
        } else {
            entries[index].state = .told
        }
    }
}
