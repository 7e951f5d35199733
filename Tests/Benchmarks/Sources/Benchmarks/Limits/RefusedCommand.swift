internal import ArgumentParser

/// Measures the cost of a refused request beside a served one.
struct RefusedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refused", abstract: "Describes jobs without limits, and far beyond them.")

    @OptionGroup var options: CommonOptions

    @Option(help: "Jobs that each daemon has.")
    var jobs = 10_000

    @Option(help: "How often each daemon has its turn.")
    var rounds = 5

    @Option(help: "How long such a turn is.")
    var seconds = 1.0

    private static let points = [
        LoadPoint(connections: 1, depth: 32), LoadPoint(connections: 50, depth: 1),
        LoadPoint(connections: 50, depth: 8),
    ]

    /// A daemon, what to ask it, and what it met at each load.
    private struct Subject {
        let name: String
        let server: ServerProcess
        let requests: LoadRequests
        let refuses: Bool
        var rounds = RefusedCommand.points.map { _ in [Measurement]() }
    }

    func run() async throws {
        try await subject("served", limits: Daemon.noLimits, refuses: false) { served in
            // Callers have exhausted their budget: each job was described once.
            let spent = "{client: {read: {rate: 1, burst: \(jobs)}}}"
            try await subject("refused, answered before", limits: spent, refuses: true) { spent in
                let strict = "{client: {read: {rate: 1, burst: 1}}}"
                try await subject("refused, never answered", limits: strict, refuses: true) { strict in
                    for subject in [served, spent] {
                        try LoadGenerator(to: subject.server.socket, subject.requests, connections: 1, depth: 32)
                            .warmUp(jobs)
                    }
                    try measure([served, spent, strict])
                }
            }
        }
    }

    private func subject(
        _ name: String, limits: String, refuses: Bool, _ body: (Subject) async throws -> Void
    ) async throws {
        try await options.withJobs(jobs, limits: limits) { daemon, ids in
            let requests = LoadRequests.describe(ids)
            try await body(Subject(name: name, server: daemon.process, requests: requests, refuses: refuses))
        }
    }

    private func measure(_ subjects: [Subject]) throws {
        var subjects = subjects
        try options.separate(subjects.map(\.server))
        for round in 1...rounds {
            note("round \(round) of \(rounds)")
            for point in Self.points.indices {
                for index in subjects.indices.shuffled() {
                    let measurement = try ask(subjects[index], Self.points[point])
                    subjects[index].rounds[point].append(measurement)
                }
            }
        }
        report(subjects)
    }

    private func ask(_ subject: Subject, _ point: LoadPoint) throws -> Measurement {
        let load = try LoadGenerator(
            to: subject.server.socket, subject.requests, connections: point.connections, depth: point.depth)
        let before = subject.server.processorTime
        let result = try load.run(seconds: seconds)
        let time = subject.server.processorTime - before
        // The few requests within the limit do not matter.
        let refused = Double(result.errors) / Double(max(result.replies, 1))
        guard subject.refuses ? refused > 0.999 : refused == 0 else {
            throw BenchmarkError("\(result.errors) of \(result.replies) requests were refused")
        }
        return Measurement(result, time)
    }

    private func report(_ subjects: [Subject]) {
        var table = Table("describe", "load", "a second", "server CPU a request", "to a served one")
        var goals = Goals()
        for (index, point) in Self.points.enumerated() {
            let served = Measurement.median(subjects[0].rounds[index])
            for subject in subjects {
                let median = Measurement.median(subject.rounds[index])
                table.add(
                    subject.name, point.description, Show.count(Int(median.rate)),
                    "\(Show.decimal(median.processor)) µs", Show.ratio(median.processor, served.processor))
                guard subject.refuses else { continue }
                goals.add(
                    "\(point), \(subject.name): server CPU to that of a served one",
                    median.processor / served.processor, atMost: 0.5)
            }
        }
        print(
            """
            ## Refused requests

            Describes of \(Show.count(jobs)) random jobs by three daemons: one without limits, and two that serve one request a second and \
            refuse the others with 429, with a warm cache and with a cold one. Medians of \(rounds) rounds of \(seconds) s.

            \(table.text)

            \(goals.text)
            """)
    }
}
