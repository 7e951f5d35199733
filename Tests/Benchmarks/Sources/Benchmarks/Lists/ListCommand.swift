internal import ArgumentParser

/// Measures the daemon's cost of a list of full jobs.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists pages of 100 full jobs.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Jobs that there are.")
    var jobs = 10_000

    @Option(help: "How often each list has its turn.")
    var rounds = 5

    @Option(help: "How long such a turn is.")
    var seconds = 1.0

    private static let points = [LoadPoint(connections: 1, depth: 1), LoadPoint(connections: 50, depth: 1)]

    private struct Question {
        let name: String
        let requests: LoadRequests
    }

    func run() async throws {
        try await options.withJobs(jobs) { daemon, ids in try measure(daemon, ids) }
    }

    private func measure(_ daemon: Daemon, _ ids: [String]) throws {
        try options.separate([daemon.process])
        let questions = try questions(daemon, ids)
        var measured: [[Measurement]] = Array(repeating: [], count: questions.count * Self.points.count)
        for round in 0...rounds {
            note(round == 0 ? "warming up" : "round \(round) of \(rounds)")
            for index in measured.indices.shuffled() {
                let (question, point) = (questions[index / Self.points.count], Self.points[index % Self.points.count])
                let load = try LoadGenerator(
                    to: daemon.socket, question.requests, connections: point.connections, depth: point.depth)
                let measurement = try Measurement(load, of: daemon.process, seconds: seconds)
                if round > 0 { measured[index].append(measurement) }
            }
        }
        report(questions, measured.map(Measurement.median))
    }

    /// The newest jobs, which everybody asks for, pages from all over, and those of a status.
    private func questions(_ daemon: Daemon, _ ids: [String]) throws -> [Question] {
        let connection = try Connection(to: daemon.socket)
        defer { connection.close() }
        var store = ScaleStore(count: jobs, ids: ids, connection: connection)
        let depths = Array(stride(from: ScaleStore.page, to: jobs, by: ScaleStore.page))
        try store.walk(keeping: depths)
        let pages = depths.compactMap { store.tokens[$0] }.map { #"{"MaxResults":100,"NextToken":"\#($0)"}"# }
        let status = #"{"MaxResults":100,"Filter":{"JobStatus":"\#(JobMultiplier.commonStatus)"}}"#
        return [
            Question(name: "the newest 100", requests: .list([#"{"MaxResults":100}"#])),
            Question(name: "any 100", requests: .list(pages)),
            Question(name: "the newest 100 of a status", requests: .list([status])),
        ]
    }

    private func report(_ questions: [Question], _ medians: [Measurement]) {
        var table = Table("list of", "load", "a second", "p50", "p99", "server CPU a list")
        for (index, median) in medians.enumerated() {
            table.add(
                questions[index / Self.points.count].name, Self.points[index % Self.points.count].description,
                Show.count(Int(median.rate)), Show.microseconds(UInt64(median.p50)),
                Show.microseconds(UInt64(median.p99)), "\(Show.count(Int(median.processor.rounded()))) µs")
        }
        var goals = Goals()
        for (index, median) in medians.enumerated() {
            let question = questions[index / Self.points.count]
            goals.add(
                "\(question.name), \(Self.points[index % Self.points.count]): server CPU, µs", median.processor,
                atMost: 300)
        }
        print(
            """
            ## Lists

            Full jobs of a store with \(Show.count(jobs)) jobs; medians of \(rounds) rounds of \(seconds) s.

            \(table.text)

            \(goals.text)
            """)
    }
}
