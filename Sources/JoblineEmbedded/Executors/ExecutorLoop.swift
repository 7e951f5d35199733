internal import LibC
internal import SystemPackage

/// Event loop of a running executor: writes its input, reads its output, and ends it at its deadline or on request.
///
/// It blocks only in poll(2), for the executor, the next deadline and ``ExecutorGate/wake()``.
struct ExecutorLoop: ~Copyable {
    private static let chunk = 64 << 10
    /// Maximum number of bytes read after the executor's end: the capacity of a pipe on Linux.
    private static let maximumRemainder = 1 << 20

    private var child: ChildProcess
    private let work: ExecutorThread.Work
    private let gate: ExecutorGate
    private let writer: ReportWriter
    private let log: RunLogWriter
    private var lastLine = LastLine()
    private var buffer = [UInt8](repeating: 0, count: chunk)
    /// Bytes not yet written to standard input.
    private var pending: ArraySlice<UInt8> = []
    private var hasBegun = false
    /// Whether SIGTERM was sent.
    private var isEnding = false
    /// Time at which SIGKILL is sent.
    private var killDeadline: ContinuousClock.Instant?

    init(
        _ child: consuming ChildProcess, _ work: ExecutorThread.Work, _ gate: ExecutorGate, _ writer: ReportWriter
    ) {
        self.child = child
        self.work = work
        self.gate = gate
        self.writer = writer
        log = RunLogWriter(work.log)
    }

    /// Runs until the process has ended. It is not reaped yet.
    mutating func run() {
        while true {
            applyDecision()
            enforceDeadline()
            switch wait() {
            case .ended: return
            case .ready(let output, let errors, let input):
                if output { readOutput(upTo: Self.chunk) }
                if errors { readErrors(upTo: Self.chunk) }
                if input { writeInput() }
            }
        }
    }

    /// Ends the rest of the process group, reads the remaining output and returns the result of the run.
    consuming func finish(_ identity: ProcessIdentity) -> ExecutorProcess.Exit {
        // Ends processes that the executor left behind. The id of the group cannot be reused before the executor is reaped.
        child.signal(SIGKILL)
        readOutput(upTo: Self.maximumRemainder)
        readErrors(upTo: Self.maximumRemainder)
        let reason = work.control.hasEnded()
        let hasBegun = hasBegun
        let report = writer.finish()
        let lastLine = lastLine.text()
        let status = child.reap()
        return ExecutorProcess.Exit(
            status: hasBegun ? status : .notBegun, process: identity, report: report, lastLine: lastLine,
            reason: reason)
    }

    private mutating func applyDecision() {
        switch gate.takeDecision() {
        case .begin(let input):
            hasBegun = true
            pending = input[...]
        case .refuse: child.input.close()
        case nil: break
        }
    }

    private mutating func enforceDeadline() {
        let now = ContinuousClock.now
        if now >= work.deadline { work.control.end(.timeout) }
        if !isEnding, work.control.reason != nil {
            isEnding = true
            child.signal(SIGTERM)
            killDeadline = now + work.grace
        }
        if let time = killDeadline, now >= time {
            killDeadline = nil
            child.signal(SIGKILL)
        }
    }

    // MARK: - Waiting

    private enum Event {
        case ended
        case ready(output: Bool, errors: Bool, input: Bool)
    }

    private func wait() -> Event {
        func entry(_ number: CInt, _ events: Int32) -> pollfd {
            // poll(2) ignores negative descriptors.
            pollfd(fd: number, events: Int16(events), revents: 0)
        }
        var entries = [
            entry(child.exit.number, POLLIN), entry(gate.number, POLLIN),
            entry(child.output.number, POLLIN), entry(child.errors.number, POLLIN),
            entry(pending.isEmpty ? -1 : child.input.number, POLLOUT),
        ]
        let count = poll(&entries, nfds_t(entries.count), milliseconds())
        guard count > 0 else {
            // Avoids a busy loop if poll(2) fails.
            if count < 0, errno != EINTR { SystemClock.holdThread(for: .milliseconds(100)) }
            return .ready(output: false, errors: false, input: false)
        }
        let isReady = entries.map { $0.revents != 0 }
        if isReady[1] { gate.clearWakeUps() }
        return isReady[0] ? .ended : .ready(output: isReady[2], errors: isReady[3], input: isReady[4])
    }

    /// Returns the time until the next deadline. It is capped because poll(2) does not count time that the host is suspended.
    private func milliseconds() -> CInt {
        var time = ContinuousClock.now + SystemClock.maximumSleep
        if let killDeadline { time = min(time, killDeadline) }
        if !isEnding { time = min(time, work.deadline) }
        let rest = ContinuousClock.now.duration(to: time)
        return rest > .zero ? CInt(rest / .milliseconds(1)) + 1 : 0
    }

    // MARK: - Reading and writing

    private mutating func readOutput(upTo limit: Int) {
        var count = 0
        while count < limit, child.output.isOpen {
            switch read(child.output.number) {
            case .bytes(let bytes):
                count += bytes
                // Output is still read after a violation, so that a full pipe does not block the executor.
                if !writer.append(buffer[..<bytes]) { work.control.end(.violation) }
            case .nothingYet: return
            case .end: child.output.close()
            }
        }
    }

    private mutating func readErrors(upTo limit: Int) {
        var count = 0
        while count < limit, child.errors.isOpen {
            switch read(child.errors.number) {
            case .bytes(let bytes):
                count += bytes
                lastLine.append(buffer[..<bytes])
                log.append(buffer[..<bytes])
            case .nothingYet: return
            case .end: child.errors.close()
            }
        }
    }

    private enum ReadResult { case bytes(Int), nothingYet, end }

    private mutating func read(_ number: CInt) -> ReadResult {
        while true {
            let count = readDescriptor(number, &buffer)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothingYet
            default: return .end
            }
        }
    }

    private mutating func writeInput() {
        guard child.input.isOpen else { return }
        let number = child.input.number
        let count = pending.withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        if count > 0 { pending = pending.dropFirst(count) }
        // An executor need not read its input, so a write error is ignored.
        if count <= 0 { pending = [] }
        if pending.isEmpty { child.input.close() }
    }
}

/// Calls read(2), for types whose methods of the same name hide it.
func readDescriptor(_ number: CInt, _ buffer: inout [UInt8]) -> Int { read(number, &buffer, buffer.count) }
