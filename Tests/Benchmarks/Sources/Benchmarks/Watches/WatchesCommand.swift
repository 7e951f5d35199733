internal import ArgumentParser
internal import Glibc
internal import Jobline

/// Measures the cost of idle watches, and the delay of their notifications.
struct WatchesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watches", abstract: "Watches one job many times over one connection.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Watches of one client.")
    var watches = 1000

    @Option(help: "Seconds in which nothing happens.")
    var seconds = 60

    @Option(help: "Changes of the job, 1 to 49: fiftieths of its work.")
    var changes = 40

    func validate() throws {
        guard (1...49).contains(changes) else { throw ValidationError("the job can change 1 to 49 times") }
    }

    func run() async throws {
        try await Directory.with(in: options.directory) { directory in
            let progress = try ProgressPipe(directory.appending("progress"))
            // This process controls the progress of the job.
            try await Daemon.with(options.daemon, in: directory, executor: ["/bin/cat", progress.path]) { daemon in
                try await daemon.client { try await measure(daemon, $0, progress) }
            }
        }
    }

    private func measure(_ daemon: Daemon, _ client: JoblineClient, _ progress: ProgressPipe) async throws {
        let job = JobReference.comprehendMedical(.rxNormInference, try daemon.startJob())
        for _ in 0..<1000 { _ = try await client.ping() }
        for try await now in client.watch(job, until: nil) where now.state == .running { break }

        note("nothing for \(seconds) s, without watches")
        // The daemon releases memory a second after its start.
        try await Task.sleep(for: .seconds(2))
        var meter = Meter(daemon)
        try await Task.sleep(for: .seconds(seconds))
        let unwatched = meter.lap()
        let before = daemon.process.anonymousBytes

        note("opening \(watches) watches")
        let watchers = Watchers()
        let watching = Task {
            await withDiscardingTaskGroup { group in
                for _ in 0..<watches { group.addTask { await watchers.follow(client.watch(job, until: nil)) } }
            }
        }
        defer { watching.cancel() }
        // The first one is a warm-up.
        try progress.tell(fiftieths: 0)
        _ = await watchers.all(watches, at: 0)
        let bytes = daemon.process.anonymousBytes - before

        note("nothing for \(seconds) s")
        _ = meter.lap()
        try await Task.sleep(for: .seconds(seconds))
        let idle = meter.lap()

        note("\(changes) changes")
        var each = Latencies()
        var last = Latencies()
        for fiftieths in 1...changes {
            let start = Stopwatch.now()
            try progress.tell(fiftieths: fiftieths)
            let arrivals = await watchers.all(watches, at: fiftieths)
            for arrival in arrivals { each.record(arrival - start) }
            last.record((arrivals.max() ?? start) - start)
        }
        report(unwatched.daemon, idle, meter.lap(), bytes, each, last, daemon.process.peakResidentBytes)
    }

    /// Time that daemon and client have had a processor for.
    private struct Meter {
        typealias Times = (daemon: Duration, client: Duration)

        private let daemon: ServerProcess
        private var start: Times

        init(_ daemon: Daemon) {
            self.daemon = daemon.process
            start = Self.times(daemon.process)
        }

        /// Notifications since the last check.
        mutating func lap() -> Times {
            let end = Self.times(daemon)
            defer { start = end }
            return (end.daemon - start.daemon, end.client - start.client)
        }

        private static func times(_ daemon: ServerProcess) -> Times {
            (daemon.processorTime, ProcessorTime.of(getpid()))
        }
    }

    private func report(
        _ unwatched: Duration, _ idle: Meter.Times, _ busy: Meter.Times, _ bytes: Int, _ each: Latencies,
        _ last: Latencies, _ peakBytes: Int
    ) {
        print(
            """
            ## Watches

            \(Show.count(watches)) watches of one job over one connection of the SDK. Processor time in \(seconds) s without a change: \
            daemon \(Show.seconds(idle.daemon)), client \(Show.seconds(idle.client)); daemon without watches \(Show.seconds(unwatched)). \
            Memory of the daemon for each watch: \(bytes / watches / 1024) KB. Processor time for each change: daemon \
            \(milliseconds(busy.daemon)), client \(milliseconds(busy.client)). Time from a change by the executor to the delivery to \
            its watchers, over \(changes) changes:

            """)
        var table = Table("a change is with", "p50", "p99", "longest")
        for (name, latencies) in [("a watcher", each), ("the last of all watchers", last)] {
            table.add(
                name, Show.microseconds(latencies.p50),
                Show.microseconds(latencies.p99), Show.microseconds(latencies.longest))
        }
        var goals = Goals()
        goals.add("the last of all watchers, at p99, ms", Double(last.p99) / 1e6, atMost: 20)
        goals.add(
            "server CPU of idle watchers, ms a minute more than without",
            (idle.daemon - unwatched) / .milliseconds(1) * 60 / Double(seconds), atMost: 10)
        goals.add("the most resident memory of the daemon, MB", Double(peakBytes) / 1_048_576, atMost: 64)
        print("\(table.text)\n\n\(goals.text)")
    }

    private func milliseconds(_ time: Duration) -> String {
        Show.decimal(time / .milliseconds(1) / Double(changes)) + " ms"
    }
}
