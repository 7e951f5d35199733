internal import Glibc
internal import Jobline
internal import Synchronization

/// Live drawing of ``WaitProgress`` on standard error, below the printed results.
final class WaitScreen: Sendable {
    private struct State {
        var progress: WaitProgress
        /// Lines on the screen; the cursor is at the end of the last one.
        var drawn = 0
        var step = 0
        var isDone = false
    }

    private let state: Mutex<State>
    private let start = ContinuousClock.now

    /// Time between two drawings.
    private static let pause = Duration.milliseconds(250)

    init(_ references: [JobReference]) { state = Mutex(State(progress: WaitProgress(references))) }

    /// Updates a job; the next drawing shows it.
    func note(_ job: Job) { state.withLock { $0.progress.note(job) } }

    /// Removes the drawing, prints, and lets the next drawing appear below.
    func printing(_ body: () throws -> Void) rethrows {
        try state.withLock { state in
            Self.erase(&state)
            try body()
        }
    }

    /// Draws repeatedly during `work`, and removes the drawing afterwards.
    func drawing(_ work: @escaping @Sendable () async throws -> Void) async throws {
        defer {
            state.withLock { state in
                Self.erase(&state)
                state.isDone = true
            }
        }
        try await withThrowingTaskGroup { group in
            group.addTask {
                while true {
                    self.draw()
                    try await Task.sleep(for: Self.pause)
                }
            }
            group.addTask { try await work() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func draw() {
        guard let size = Terminal.size(of: STDERR_FILENO) else { return }
        let elapsed = start.duration(to: .now)
        state.withLock { state in
            guard !state.isDone else { return }
            let lines = state.progress.lines(in: size, elapsed: elapsed, step: state.step)
            state.step += 1
            Terminal.sendError(Self.start(of: state) + lines.joined(separator: "\n"))
            state.drawn = lines.count
        }
    }

    private static func erase(_ state: inout State) {
        guard state.drawn > 0 else { return }
        Terminal.sendError(start(of: state))
        state.drawn = 0
    }

    /// Returns the escape sequence that moves to the first drawn line and clears the rest of the screen.
    private static func start(of state: State) -> String {
        (state.drawn > 1 ? "\u{1B}[\(state.drawn - 1)A" : "") + "\r\u{1B}[J"
    }
}
