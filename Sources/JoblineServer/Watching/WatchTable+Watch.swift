internal import JoblineProtocol
internal import NIOCore

extension WatchTable {
    /// One job of one watch.
    struct Entry {
        enum State {
            /// Was told as it was read last.
            case told
            /// Has changed; the next round reads it.
            case changed
            /// Waits to be read.
            case asked
            /// Is being read.
            case reading
            /// Is being read, and has changed since that began.
            case outdated
            /// Has ended, and that was told.
            case ended
        }

        let subject: Subject
        let workflow: String?
        var state = State.changed
        /// Stands for what was told last.
        var fingerprint: Int?
    }

    /// A class, so that changing one entry of thousands copies none.
    final class Watch {
        let number: WatchNumber
        let lane: Int
        let endsWithJobs: Bool
        var entries: [Entry]
        /// Those that have changed, in the order in which they did.
        var changed: CircularBuffer<Int>
        /// Jobs of this round that are not read yet.
        var outstanding = 0
        /// Jobs of this round that are read, and not as they were told.
        var news: [News] = []
        /// Jobs that have not ended.
        var remaining: Int
        var failure: (any Error)?
        /// False once it is over.
        var isOpen = true
        /// True if the watch wants to know when there is something to do.
        var isWaiting = false

        init(_ number: WatchNumber, _ entries: [Entry], lane: Int, endsWithJobs: Bool) {
            self.number = number
            self.entries = entries
            self.lane = lane
            self.endsWithJobs = endsWithJobs
            changed = CircularBuffer(entries.indices)
            remaining = entries.count
        }

        /// True if all its jobs have ended, and that is what it was for.
        var hasEnded: Bool { endsWithJobs && remaining == 0 }
        /// True if a round is over and there is something to do about it.
        var isDue: Bool { failure != nil || (outstanding == 0 && (!news.isEmpty || hasEnded)) }

        func mark(_ index: Int) {
            entries[index].state = .changed
            changed.append(index)
        }
    }

    /// A job that is watched. A class, so that its watches find it without looking.
    final class Subject {
        let job: JobIdentity
        /// By watch; each has a job once.
        var watchers: [WatchNumber: Watcher] = [:]
        /// Those that wait for the next read. The job is queued while there are any.
        var waiting: [Watcher] = []

        init(_ job: JobIdentity) { self.job = job }
    }

    /// One job of one watch.
    struct Watcher {
        let watch: Watch
        let index: Int
    }
}

extension WatchTable.Watch {
    /// Takes what was read of a job.
    func take(_ found: WatchTable.Finding, _ index: Int) {
        outstanding -= 1
        // A job is not found under another workflow than its own.
        let workflow = entries[index].workflow
        let isFound = workflow.map(found.snapshot.workflows.contains) ?? true
        let found = isFound ? found : WatchTable.Finding(found.job, .gone)
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
