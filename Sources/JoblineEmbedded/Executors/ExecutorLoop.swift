internal import LibC
internal import SystemPackage

/// The watch over one running executor: feeds it, reads what it says, and ends it when its time is over or its end is
/// asked for.
///
/// Never waits for anything but the executor, the clock and ``ExecutorGate/wake()``.
struct ExecutorLoop: ~Copyable {
    private static let chunk = 64 << 10
    /// Bytes that are read after the executor's end at most: Linux lets a pipe hold that many.
    private static let maximumRemainder = 1 << 20

    private var child: ChildProcess
    private let work: ExecutorThread.Work
    private let gate: ExecutorGate
    private let writer: ReportWriter
    private let log: RunLogWriter
    private var lastLine = LastLine()
    private var buffer = [UInt8](repeating: 0, count: chunk)
    /// Bytes that are still to be written to standard input.
    private var pending: ArraySlice<UInt8> = []
    private var hasBegun = false
    /// True once SIGTERM was sent.
    private var isEnding = false
    /// When SIGKILL is due.
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

    /// Returns when the process has ended. It is not reaped yet.
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

    /// Takes note of how it all ended.
    consuming func finish(_ identity: ProcessIdentity) -> ExecutorProcess.Exit {
        // What the executor left behind goes with it. As long as the executor is not reaped, the group's number cannot have
        // become another one's.
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
            // Negative numbers are passed over.
            pollfd(fd: number, events: Int16(events), revents: 0)
        }
        var entries = [
            entry(child.exit.number, POLLIN), entry(gate.number, POLLIN),
            entry(child.output.number, POLLIN), entry(child.errors.number, POLLIN),
            entry(pending.isEmpty ? -1 : child.input.number, POLLOUT),
        ]
        let count = poll(&entries, nfds_t(entries.count), milliseconds())
        guard count > 0 else {
            // Where the system cannot even wait, it is not asked without a break.
            if count < 0, errno != EINTR { SystemClock.holdThread(for: .milliseconds(100)) }
            return .ready(output: false, errors: false, input: false)
        }
        let isReady = entries.map { $0.revents != 0 }
        if isReady[1] { gate.clearWakeUps() }
        return isReady[0] ? .ended : .ready(output: isReady[2], errors: isReady[3], input: isReady[4])
    }

    /// Until there is something to do by the clock. Sleeps of the host do not count as time to poll(2), so it is asked
    /// anew every now and then.
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
                // Reading goes on after a violation, so that the executor is never held up by a full pipe.
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
        // An executor need not read its input, so failing to write it is no failure.
        if count <= 0 { pending = [] }
        if pending.isEmpty { child.input.close() }
    }
}

/// Does what read(2) does, for types whose methods of the same name hide it.
func readDescriptor(_ number: CInt, _ buffer: inout [UInt8]) -> Int { read(number, &buffer, buffer.count) }
