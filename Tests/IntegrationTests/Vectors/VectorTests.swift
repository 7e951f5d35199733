import Foundation
import Subprocess
import TestSupport
import Testing

/// The vectors of the contract, against a real daemon on its real socket.
@Suite("Vectors against the daemon", .timeLimit(.minutes(5)))
struct VectorTests {
    static let files = ((try? VectorFile.all()) ?? []).filter { $0.direction == .toServer }

    @Test("hold whole, byte by byte and split at random, and a ping passes afterwards", arguments: files)
    func run(file: VectorFile) async throws {
        guard !file.isFresh else {
            for vector in file.vectors { try await Self.run([vector], of: file) }
            return
        }
        try await Self.run(file.vectors, of: file)
    }

    @Test("hold for a program in another language that has nothing but them")
    func python() async throws {
        let outcome = try await Command.run(
            "python3", [Project.file("proto-spec/vectors/run.py"), "--start", try Project.program("joblined")])
        #expect(outcome.status == .exited(0), "\(outcome.output)\(outcome.error)")
        #expect(outcome.output.contains("\(Self.files.reduce(0) { $0 + $1.vectors.count }) vectors"))
    }

    private static func run(_ vectors: [Vector], of file: VectorFile) async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: try file.requires?.text ?? "") { daemon in
                for failure in await failures(of: vectors, daemon) { Issue.record("\(file.name): \(failure)") }
            }
        }
    }

    /// Those that are run only once, most of which wait for the time to pass, go side by side; all others take their turn.
    private static func failures(of vectors: [Vector], _ daemon: DaemonProcess) async -> [String] {
        await withTaskGroup(of: [String].self) { group in
            group.addTask { await failures(ofEach: vectors.filter(\.isSplittable), daemon) }
            let once = vectors.filter { !$0.isSplittable }
            for lane in 0..<lanes {
                let share = once.indices.filter { $0 % lanes == lane }.map { once[$0] }
                group.addTask { await failures(ofEach: share, daemon) }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static let lanes = 4

    /// Runs on a thread of its own, because it waits in the kernel.
    private static func failures(ofEach vectors: [Vector], _ daemon: DaemonProcess) async -> [String] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var failures: [String] = []
                for vector in vectors where failures.count < 5 {
                    for cut in vector.isSplittable ? VectorCut.all : [.whole] {
                        var run = VectorRun(vector, cut, socket: daemon.socket) { name in
                            if name == "TERM" { daemon.send(.terminate) }
                        }
                        if let failure = run.failure() { failures.append(failure) }
                    }
                }
                continuation.resume(returning: failures)
            }
        }
    }
}

extension VectorFile: CustomTestStringConvertible {
    /// The file's name, in the report of a test.
    public var testDescription: String { name }
}
