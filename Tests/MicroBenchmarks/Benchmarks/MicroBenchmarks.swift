internal import ArgumentParser
internal import Foundation

/// What the steps of a request cost, each for itself, in allocations and in time.
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
        let stored = try StoredCounts.read()
        var measured: [String: Measurement] = [:]
        for step in Steps.all + (try await Conversation.steps()) where only.map(step.name.contains) ?? true {
            let measurement = try step.measure(thousands: thousands)
            measured[step.name] = measurement
            let name = step.name.padding(toLength: 52, withPad: " ", startingAt: 0)
            print("\(name) \(measurement.allocations) allocations, \(measurement.nanoseconds) ns")
        }
        if store { try StoredCounts.write(measured.mapValues(\.allocations)) }
        guard check else { return }
        let others = measured.keys.sorted().filter { stored[$0] != measured[$0]?.allocations }
        for name in others {
            let was = stored[name].map { "\($0)" } ?? "nothing"
            print("\(name): \(measured[name]?.allocations ?? 0) allocations, where \(was) is stored")
        }
        let gone = stored.keys.sorted().filter { measured[$0] == nil }
        for name in gone where only == nil { print("\(name): stored, and not measured") }
        guard others.isEmpty, only != nil || gone.isEmpty else {
            print("if that is meant, store it: swift run -c release MicroBenchmarks --store")
            throw ExitCode.failure
        }
    }
}

/// What was counted last, in `allocations` beside the sources: a line for each step.
enum StoredCounts {
    private static let path = #filePath.dropLast("Benchmarks/MicroBenchmarks.swift".count) + "allocations"

    static func read() throws -> [String: Double] {
        let lines = try String(contentsOfFile: String(path), encoding: .utf8).split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: lines.compactMap { line in
                guard let space = line.firstIndex(of: " "), let count = Double(line[..<space]) else { return nil }
                return (String(line[line.index(after: space)...]), count)
            })
    }

    static func write(_ counts: [String: Double]) throws {
        let lines = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }
        try lines.joined().write(toFile: String(path), atomically: true, encoding: .utf8)
    }
}
