internal import ArgumentParser
internal import Glibc
internal import Jobline

/// Implements `joblinectl top`.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show jobs and the daemon's statistics, refreshed continuously.",
        discussion: """
            On a terminal, it uses the full screen until q or Ctrl-C. Otherwise each refresh prints a block of \
            lines, or with -o json the statistics as one line. Jobs that have not ended come first, then the newest. \
            Of Matching and IdMapping, only the first ten workflows are shown. The statistics include its own \
            requests. NO_COLOR=1 disables colours.

            For example:
              joblinectl top
              joblinectl top --interval 10 --count 6 > minute.txt
            """)

    @Option(help: ArgumentHelp("Interval between refreshes.", valueName: "seconds"))
    var interval = 2.0

    @Option(help: ArgumentHelp("Number of refreshes; unlimited by default.", valueName: "number"))
    var count: Int?

    @OptionGroup var output: OutputOptions
    @OptionGroup var times: TimeOptions
    @OptionGroup var common: CommonOptions

    /// Size of a block of lines if there is no terminal.
    private static let block = Terminal.Size(columns: 80, rows: 40)

    func validate() throws {
        guard interval >= 0.1, interval <= 86_400 else {
            throw ValidationError("--interval must be 0.1 to 86400 seconds")
        }
        guard count ?? 1 > 0 else { throw ValidationError("--count must be at least 1") }
    }

    func run() async throws {
        if Terminal.isOutput, !output.isJSON {
            try await onScreen()
        } else {
            try await Interruption.interruptible { try await inBlocks() }
        }
    }

    private func inBlocks() async throws {
        var isFirst = true
        try await refreshRepeatedly { snapshot in
            if output.isJSON {
                if let problem = snapshot.problem { Terminal.note("joblinectl: \(problem)") }
                if snapshot.problem == nil, let statistics = snapshot.statistics { try Terminal.line(statistics.text) }
                return
            }
            let lines = TopLayout(size: Self.block, colors: false, times: times.format).lines(snapshot)
            try Terminal.send((isFirst ? "" : "\n") + lines.map { $0 + "\n" }.joined())
            isFirst = false
        }
    }

    private func onScreen() async throws {
        let ends = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
        let events = await TopEvents(
            signals: ends + [SIGTSTP, SIGCONT, SIGWINCH], readsKeys: isatty(STDIN_FILENO) == 1)
        let screen = TopScreen()
        try screen.enter()
        defer { screen.leave() }
        let refreshing = Task {
            do {
                try await refreshRepeatedly { events.send(.snapshot($0)) }
                events.send(.key(UInt8(ascii: "q")))
            } catch {
                events.send(.failed(error))
            }
        }
        defer { refreshing.cancel() }
        var last: TopSnapshot?
        for await event in events.stream {
            switch event {
            case .snapshot(let snapshot): last = snapshot
            case .key(let key):
                if key == UInt8(ascii: "q") || key == UInt8(ascii: "Q") { return }
            case .signal(SIGTSTP): screen.pause()
            case .signal(SIGCONT): try screen.enter()
            case .signal(SIGWINCH): break
            case .signal(let number): throw Interruption.signal(number)
            case .failed(let error): throw error
            }
            guard screen.isEntered, let last, let size = Terminal.size(of: STDOUT_FILENO) else { continue }
            let layout = TopLayout(size: size, colors: Terminal.hasColors, times: times.format)
            try screen.draw(layout.lines(last))
        }
    }

    /// Passes snapshots to `body`, until `--count` is reached.
    private func refreshRepeatedly(_ body: (TopSnapshot) throws -> Void) async throws {
        try await common.withClient { client in
            var collector = TopCollector(client)
            var taken = 0
            while true {
                try body(try await collector.collect())
                taken += 1
                if taken == count { return }
                try await Task.sleep(for: .seconds(interval))
            }
        }
    }
}
