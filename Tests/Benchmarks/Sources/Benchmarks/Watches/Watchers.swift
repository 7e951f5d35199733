internal import Glibc
internal import Jobline
internal import Synchronization

/// The pipe that a job's executor copies to its output: what is written here, the daemon reads from the executor.
struct ProgressPipe: Sendable {
    let path: String
    private let descriptor: CInt

    init(_ path: String) throws {
        self.path = path
        // Opened for reading too: opening does not block, and the executor never reads an end of file.
        guard mkfifo(path, 0o600) == 0, case let descriptor = open(path, O_RDWR | O_CLOEXEC), descriptor >= 0 else {
            throw BenchmarkError("\(path) cannot be made")
        }
        self.descriptor = descriptor
    }

    /// Says how much of the work is done. The daemon tells a hundredth at a time, so that each of these is told.
    func tell(fiftieths: Int) throws {
        let line = Array("{\"progress\":\(Double(fiftieths) / 50)}\n".utf8)
        guard write(descriptor, line, line.count) == line.count else {
            throw BenchmarkError("\(path) cannot be written")
        }
    }
}

/// Watchers of one job, with the times of their notifications.
final class Watchers: Sendable {
    private struct State {
        var arrivals: [Int: [UInt64]] = [:]
        var awaited: (fiftieths: Int, count: Int, continuation: CheckedContinuation<[UInt64], Never>)?
    }

    private let state = Mutex(State())

    /// Notes what a watch tells, until it is cancelled.
    func follow(_ watch: JobWatch) async {
        do throws(JoblineError) {
            for try await job in watch {
                guard let progress = job.progress else { continue }
                told(Int((progress * 50).rounded()), at: Stopwatch.now())
            }
        } catch {
            if error.code != .cancelled { note("a watch failed: \(error)") }
        }
    }

    /// Waits until so many have been told that the job is so far.
    ///
    /// - Returns: When each of them was.
    func all(_ count: Int, at fiftieths: Int) async -> [UInt64] {
        await withCheckedContinuation { continuation in
            let arrivals: [UInt64]? = state.withLock { state in
                if let arrivals = state.arrivals[fiftieths], arrivals.count == count { return arrivals }
                state.awaited = (fiftieths, count, continuation)
                return nil
            }
            if let arrivals { continuation.resume(returning: arrivals) }
        }
    }

    private func told(_ fiftieths: Int, at time: UInt64) {
        let complete: (CheckedContinuation<[UInt64], Never>, [UInt64])? = state.withLock { state in
            state.arrivals[fiftieths, default: []].append(time)
            guard let awaited = state.awaited, let arrivals = state.arrivals[awaited.fiftieths],
                arrivals.count == awaited.count
            else { return nil }
            state.awaited = nil
            return (awaited.continuation, arrivals)
        }
        if let (continuation, arrivals) = complete { continuation.resume(returning: arrivals) }
    }
}
