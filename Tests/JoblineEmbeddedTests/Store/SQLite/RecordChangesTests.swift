import GRDB
import JoblineBackend
import JoblineProtocol
import Synchronization
import Testing

@testable import JoblineEmbedded

/// Notifications of the observers that cache results.
@Suite("Record changes", .timeLimit(.minutes(1)))
struct RecordChangesTests {
    private final class Recorder: RecordObserver {
        private let state = Mutex<(events: [String], look: (@Sendable () -> String)?)>(([], nil))

        var events: [String] { state.withLock(\.events) }

        func willChange(_ records: [RecordKey]) { add("will", records) }
        func didChange(_ records: [RecordKey]) { add("did", records) }
        private func add(_ event: String, _ records: [RecordKey]) {
            state.withLock { $0.events.append("\(event) \(records.map(\.rawValue))") }
        }
        func forget() { state.withLock { $0.events = [] } }
    }

    private let bench: Bench
    private let recorder = Recorder()

    init() throws { bench = try Bench(scripts: [.rxNormInference: "cat", .matching: "cat"]) }

    @Test("A new job is not reported, and its stop is reported before and after the commit")
    func stop() async throws {
        let backend = try bench.open()
        backend.observeRecords(recorder)
        let id = try await bench.start(backend)
        #expect(recorder.events.isEmpty)
        _ = try await backend.comprehendMedical.stopJob(.rxNormInference, .init(jobID: id), context: bench.context)
        #expect(recorder.events == ["will [1]", "did [1]"])
    }

    @Test("Each step of a running job is reported")
    func life() async throws {
        try await bench.run { backend in
            backend.observeRecords(recorder)
            let id = try await bench.start(backend)
            _ = try await bench.end(backend, id)
        }
        let events = recorder.events
        #expect(events.count >= 4)
        for (index, event) in events.enumerated() { #expect(event == (index % 2 == 0 ? "will [1]" : "did [1]")) }
    }

    @Test("Removal by expiry and with a workflow is reported")
    func removal() async throws {
        let backend = try bench.open()
        backend.observeRecords(recorder)
        _ = try await bench.start(backend)
        bench.clock.advance(seconds: 400 * 86_400)
        _ = try await backend.sqlite.commits.write { db in
            try db.execute(sql: "UPDATE job SET phase = 'ended', ended = submitted")
        }
        recorder.forget()
        let removed = try await backend.sqlite.removeExpired(now: bench.clock.now(), limit: 10)
        #expect(removed.count == 1)
        #expect(recorder.events == ["will [1]", "did [1]"])
        recorder.forget()
        try await backend.sqlite.commits.write { db in
            try db.execute(
                sql: """
                    INSERT INTO workflow (kind, name, arn, document, created, updated)
                    VALUES ('matching', 'people', 'arn', '{}', 0, 0);
                    INSERT INTO job (family, id, workflow, status, phase, submitted, updated, request, output)
                    VALUES ('Matching', 'a', 1, 'SUCCEEDED', 'ended', 0, 0, '{}', 's3://b/');
                    """)
        }
        #expect(recorder.events.isEmpty)
        try await backend.sqlite.commits.write { db in try db.execute(sql: "DELETE FROM workflow") }
        #expect(recorder.events == ["will [2]", "did [2]"])
    }

    @Test("A rolled back change is not reported")
    func undone() async throws {
        struct Regret: Error {}
        let backend = try bench.open()
        backend.observeRecords(recorder)
        _ = try await bench.start(backend)
        await #expect(throws: Regret.self) {
            try await backend.sqlite.commits.write { db in
                try db.execute(sql: "UPDATE job SET status = 'FAILED'")
                throw Regret()
            }
        }
        #expect(recorder.events.isEmpty)
    }
}
