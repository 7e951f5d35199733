internal import ArgumentParser

/// Measures describe and list with few jobs and with many.
struct ScaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Compares describe and list of a store with few jobs and one with many.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Jobs of the small store.")
    var few = 1000

    @Option(help: "Jobs of the large store.")
    var many = 1_000_000

    @Option(help: "How often everything is asked, each time in another order.")
    var rounds = 1000

    func run() async throws {
        try await Directory.with(in: options.directory) { directory in
            try await store(few, in: directory) { small in
                try await store(many, in: directory) { large in try measure(small, large) }
            }
        }
    }

    /// Makes jobs, and runs a daemon that has them while `body` runs.
    private func store(_ count: Int, in parent: Directory, _ body: (ScaleStore) async throws -> Void) async throws {
        let directory = parent.directory("\(count)")
        let ids = try await ScaleStore.make(count, in: directory, daemon: options.daemon)
        try await Daemon.with(options.daemon, in: directory, executor: ScaleStore.executor) { daemon in
            let connection = try Connection(to: daemon.socket)
            defer { connection.close() }
            try await body(ScaleStore(count: count, ids: ids, connection: connection))
        }
    }

    private func measure(_ few: ScaleStore, _ many: ScaleStore) throws {
        var (few, many) = (few, many)
        note("walking through the lists")
        try few.walk(keeping: [few.count / 2])
        let depths = [1000, 10_000, 100_000, 500_000, 990_000].filter { $0 + ScaleStore.page <= many.count }
        try many.walk(keeping: depths + [many.count / 2])

        note("measuring")
        let questions = ScaleQuestion.all.flatMap { question in
            [few, many].map { store in { _ = try store.connection.ask(question.request(store)) } }
        }
        let pages = ([nil] + depths.map { many.tokens[$0] }).map { token in
            { _ = try many.connection.ask(ScaleStore.list(token: token)) }
        }
        let medians = try Interleaved(rounds: rounds).medians(questions + pages)
        report(Array(medians[..<questions.count]), Array(medians[questions.count...]), depths)
    }

    private func report(_ questions: [UInt64], _ pages: [UInt64], _ depths: [Int]) {
        var scale = Table("request", "\(Show.count(few)) jobs", "\(Show.count(many)) jobs", "ratio")
        for (index, question) in ScaleQuestion.all.enumerated() {
            let (few, many) = (questions[index * 2], questions[index * 2 + 1])
            scale.add(question.name, Show.microseconds(few), Show.microseconds(many), Show.ratio(many, few))
        }
        let filters = ScaleQuestion.all.indices.filter { ScaleQuestion.all[$0].isFilter }
        var goals = Goals()
        goals.add(
            "the slowest filter on \(Show.count(many)) jobs, to \(Show.count(few))",
            filters.map { Double(questions[$0 * 2 + 1]) / Double(max(questions[$0 * 2], 1)) }.max(), atMost: 1.5)
        var depth = Table("page behind so many jobs", "time", "ratio to the first")
        for (position, time) in zip([0] + depths, pages) {
            depth.add(Show.count(position), Show.microseconds(time), Show.ratio(time, pages[0]))
        }
        print(
            """
            ## Few jobs and many

            Medians of \(Show.count(rounds)) requests each over one connection, shuffled in each round; pages have \
            \(ScaleStore.page) jobs.

            \(scale.text)

            Pages of the list of \(Show.count(many)) jobs, by depth:

            \(depth.text)

            \(goals.text)
            """)
    }
}
