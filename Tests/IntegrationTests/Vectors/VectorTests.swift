import Foundation
import Subprocess
import TestSupport
import Testing

/// The vectors of the contract, against a real daemon on its real socket.
@Suite("Vectors against the daemon", .timeLimit(.minutes(10)), .serialized)
struct VectorTests {
    static let files = ((try? VectorFile.all()) ?? []).filter { $0.direction == .toServer }

    @Test("Vectors hold whole, byte by byte and split at random, and a ping succeeds afterwards")
    func run() async throws {
        // One daemon for each vector that needs jobs, a few at a time.
        var jobs = Self.files.flatMap { file in
            file.isFresh ? file.vectors.map { (file, [$0]) } : [(file, file.vectors)]
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(6, jobs.count) {
                let (file, vectors) = jobs.removeFirst()
                group.addTask { try await Self.run(vectors, of: file) }
            }
            while try await group.next() != nil, !jobs.isEmpty {
                let (file, vectors) = jobs.removeFirst()
                group.addTask { try await Self.run(vectors, of: file) }
            }
            try await group.waitForAll()
        }
    }

    @Test("Vectors hold for a program in another language")
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

    /// Vectors that run once mostly wait, so they run concurrently; all others run in sequence.
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
