internal import ArgumentParser
internal import Foundation
internal import TestSupport

/// Measures allocations and time of each step of a request.
///
/// The allocations are stored beside the sources and compared with `--check`: they are the same on every machine. The times are not, and
/// are only shown.
@main
struct MicroBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "MicroBenchmarks", abstract: "Counts what the steps of a request allocate, and how long they take."
    )

    @Flag(help: "Fail if a step allocates more or less than is stored.")
    var check = false

    @Flag(help: "Store what the steps allocate now.")
    var store = false

    @Option(help: "Only the steps whose name has this in it.")
    var only: String?

    @Option(help: "How often each step is gone through, times 1,000.")
    var thousands = 20

    func run() async throws {
        try await TestDirectory.with { directory in
            try measure(Steps.all + (await Conversation.steps(in: directory)))
        }
    }

    private func measure(_ steps: [Step]) throws {
        var measured: [String: Measurement] = [:]
        for step in steps where only.map(step.name.contains) ?? true {
            let measurement = try step.measure(thousands: thousands)
            measured[step.name] = measurement
            print("\(step.name): \(Self.shown(measurement.allocations)) allocations, \(measurement.nanoseconds) ns")
        }
        let counts = measured.mapValues(\.allocations)
        if store { try StoredCounts.write(counts) }
        if check { try compare(counts) }
    }

    private func compare(_ counts: [String: Double]) throws {
        let stored = try StoredCounts.read()
        var isSame = true
        for name in Set(counts.keys).union(only == nil ? Array(stored.keys) : []).sorted() {
            if let count = counts[name], let was = stored[name], abs(count - was) <= StoredCounts.tolerance(of: was) {
                continue
            }
            isSame = false
            print("\(name): \(Self.shown(counts[name])) allocations, where \(Self.shown(stored[name])) are stored")
        }
        guard !isSame else { return }
        print("if that is meant, store it: swift run -c release MicroBenchmarks --store")
        throw ExitCode.failure
    }

    private static func shown(_ count: Double?) -> String { count.map { String(format: "%.1f", $0) } ?? "no" }
}

/// Recorded counts, one line for each step, in `allocations` beside the sources.
enum StoredCounts {
    private static let path = String(#filePath.dropLast("Benchmarks/MicroBenchmarks.swift".count) + "allocations")

    /// Allowed deviation: buffers grow now and then, and timing decides some allocations of work on other threads.
    static func tolerance(of count: Double) -> Double { max(0.1, count * 0.05) }

    static func read() throws -> [String: Double] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: lines.compactMap { line in
                guard let space = line.firstIndex(of: " "), let count = Double(line[..<space]) else { return nil }
                return (String(line[line.index(after: space)...]), count)
            })
    }

    static func write(_ counts: [String: Double]) throws {
        let lines = counts.sorted { $0.key < $1.key }.map { String(format: "%.1f", $0.value) + " \($0.key)\n" }
        try lines.joined().write(toFile: path, atomically: true, encoding: .utf8)
    }
}
