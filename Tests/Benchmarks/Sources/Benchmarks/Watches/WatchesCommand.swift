internal import ArgumentParser
internal import Glibc
internal import Jobline

/// What watches cost while nothing happens, and how soon all of them know when something does.
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
            // The job is as far as this process says.
            try await Daemon.with(options.daemon, in: directory, executor: ["/bin/cat", progress.path]) { daemon in
                try await daemon.client { try await measure(daemon, $0, progress) }
            }
        }
    }

    private func measure(_ daemon: Daemon, _ client: JoblineClient, _ progress: ProgressPipe) async throws {
        let job = JobReference.comprehendMedical(.rxNormInference, try daemon.startJob())
        for _ in 0..<1000 { _ = try await client.ping() }
        let before = daemon.process.anonymousBytes

        note("opening \(watches) watches")
        let watchers = Watchers()
        let watching = Task {
            await withDiscardingTaskGroup { group in
                for _ in 0..<watches { group.addTask { await watchers.follow(client.watch(job, until: nil)) } }
            }
        }
        defer { watching.cancel() }
        // The first tells that the executor runs, and warms all up.
        try progress.tell(fiftieths: 0)
        _ = await watchers.all(watches, at: 0)
        let bytes = daemon.process.anonymousBytes - before

        note("nothing for \(seconds) s")
        let (daemonBefore, clientBefore) = (daemon.process.processorTime, ProcessorTime.of(getpid()))
        try await Task.sleep(for: .seconds(seconds))
        let daemonTime = daemon.process.processorTime - daemonBefore
        let clientTime = ProcessorTime.of(getpid()) - clientBefore

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
        report(daemonTime, clientTime, bytes, each, last, daemon.process.peakResidentBytes)
    }

    private func report(
        _ daemonTime: Duration, _ clientTime: Duration, _ bytes: Int, _ each: Latencies,
        _ last: Latencies, _ peakBytes: Int
    ) {
        print(
            """
            ## Watches

            \(Show.count(watches)) watches of one job over one connection of the SDK. In \(seconds) s in which nothing happens the \
            daemon has the processor for \(Show.seconds(daemonTime)) and the client for \(Show.seconds(clientTime)). A watch costs \
            the daemon \(bytes / watches / 1024) KB. From \(changes) changes of the job, each written by its executor, until \
            they are in the hands of those who watch:

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
            "server CPU of idle watchers, ms a minute", daemonTime / .milliseconds(1) * 60 / Double(seconds), atMost: 10
        )
        goals.add("the most resident memory of the daemon, MB", Double(peakBytes) / 1_048_576, atMost: 64)
        print("\(table.text)\n\n\(goals.text)")
    }
}
