import Glibc
import JoblineBackend
import JoblineProtocol
import SystemPackage
import TestSupport
import Testing

@testable import JoblineEmbedded

/// A crash is simulated by a copy of the state directory of a running daemon: a second daemon finds what a crash at that
/// moment leaves.
@Suite("Recovery after a crash", .timeLimit(.minutes(1)))
struct RecoveryTests {
    /// Signals that it runs, writes part of its output, and waits until it is ended. The next run succeeds.
    private static let script = """
        cd ../../../..; root=$PWD; cd "$JOBLINE_OUTPUT"
        if [ -e "$root/again" ]; then
            cat > a.txt.out
            echo '{"processed":{"input":"a.txt","output":"a.txt.out"}}'
        else
            echo half > half; touch "$root/again"
            echo > "$root/up"; exec 3> "$root/alive"; sleep 1000
        fi
        """

    private func bench(_ onRestart: ExecutorConfiguration.RestartPolicy) throws -> Bench {
        var bench = try Bench(scripts: [.rxNormInference: Self.script])
        bench.configuration.executors[.rxNormInference]?.onRestart = onRestart
        bench.configuration.executorGrace = .milliseconds(200)
        return bench
    }

    /// Starts a job, crashes while its executor runs, and passes the next daemon to `body`.
    private func crash(
        _ bench: Bench, stopping: Bool = false, _ body: (EmbeddedBackend, String) async throws -> Void
    ) async throws {
        let (up, alive) = (try bench.sandbox.pipe("up"), try bench.sandbox.pipe("alive"))
        try await bench.run { first in
            let gone = Task { try await alive.read() }
            let id = try await bench.start(first)
            _ = try await up.read()
            var changed = bench.configuration
            changed.stateDirectory = bench.sandbox.path.appending("crashed")
            try bench.sandbox.copy("state", to: "crashed")
            if stopping {
                let store = try SQLiteJobStore(in: StateDirectory(changed.stateDirectory))
                _ = try await store.requestStop(JobReference(.rxNormInference, id), now: bench.clock.now())
            }
            try await bench.run(changed) { second in
                try await body(second, id)
                // The pipe has no writer: the executor of the first daemon has ended.
                _ = try await gone.value
            }
        }
    }

    @Test("A job whose executor ran fails with a message, and its executor is ended")
    func fail() async throws {
        let bench = try bench(.fail)
        try await crash(bench) { backend, id in
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .failed)
            #expect(job.message == "the daemon ended while the job's executor ran")
            #expect(job.manifestFilePath != nil)
        }
        #expect(try bench.sandbox.files("crashed/work").isEmpty)
    }

    @Test("A job whose executor ran runs again if rerun is configured")
    func rerun() async throws {
        let bench = try bench(.rerun)
        try await crash(bench) { backend, id in
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .completed)
            let output = bench.output(id).replacing("state/", with: "crashed/")
            #expect(try bench.sandbox.files(output) == ["Manifest", "a.txt.out", "success", "unprocessed"])
        }
    }

    @Test("A job that was being stopped is stopped")
    func stopping() async throws {
        let bench = try bench(.rerun)
        try await crash(bench, stopping: true) { backend, id in
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .stopped)
        }
    }

    @Test("Waiting jobs run in order, and stopped ones are stopped")
    func waiting() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "echo $JOBLINE_JOB_ID >> ../../../../order"])
        var ids: [String] = []
        do {
            let backend = try bench.open()
            for _ in 0..<4 { ids.append(try await bench.start(backend)) }
            try await bench.stop(backend, ids[1])
        }
        try await bench.run { backend in
            for id in ids { _ = try await bench.end(backend, id) }
            #expect(try await bench.describe(backend, ids[1]).jobStatus == .stopped)
        }
        #expect(bench.sandbox.read("order") == [ids[0], ids[2], ids[3]].map { $0 + "\n" }.joined())
    }

    @Test("A job whose executor had not begun runs, whatever is configured")
    func notBegun() async throws {
        let bench = try Bench(scripts: [.rxNormInference: CompleteExecutor.script])
        let id = try await bench.start(try bench.open())
        do {
            let store = try SQLiteJobStore(in: StateDirectory(bench.sandbox.state))
            #expect(try await store.claim(.rxNormInference, now: bench.clock.now())?.key.id == id)
        }
        try await bench.run { backend in
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .completed)
        }
    }

    @Test("A succeeded run is not lost", arguments: [false, true])
    func ended(_ renamed: Bool) async throws {
        // A second run of the executor would be recorded.
        let bench = try Bench(scripts: [.rxNormInference: "touch ../../../../again; exit 1"])
        let id = try await bench.start(try bench.open())
        try await leave(bench, renamed: renamed)
        try await bench.run { backend in
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .completed)
            #expect(job.manifestFilePath == "out/123456789012-RxNormInference-\(id)/Manifest")
        }
        #expect(!bench.sandbox.exists("again"))
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "a.txt.out", "success", "unprocessed"])
        #expect(try bench.sandbox.files("state/work").isEmpty)
    }

    /// Performs the steps of a daemon up to the recorded outcome, or up to the published output.
    private func leave(_ bench: Bench, renamed: Bool) async throws {
        let state = try StateDirectory(bench.sandbox.state)
        let store = try SQLiteJobStore(in: state)
        let job = try #require(try await store.claim(.rxNormInference, now: bench.clock.now()))
        _ = try await store.recordExecutor(ProcessIdentity(pid: 1, start: 1, boot: "an earlier one"), of: job.key)
        let work = WorkDirectory(state, job)
        try work.prepare()
        try FileLists(in: work.openLists()).finish()
        try bench.sandbox.write("x", to: "state/work/RxNormInference-\(job.shortID)/output/a.txt.out")
        let manifest = try Manifests(job: job, paths: StatePaths(state)).add(
            status: "COMPLETED", report: ExecutorReport(), input: .init(), now: bench.clock.now(), to: work)
        try await store.recordOutcome(JobOutcome(.succeeded, manifest: manifest), of: job)
        if renamed { try Publisher(state: state).publish(job, work) }
    }

    @Test("The end of a job stopped in the queue is not lost", arguments: [false, true])
    func stoppedInQueue(_ renamed: Bool) async throws {
        let bench = try Bench(scripts: [.rxNormInference: "exit 0"])
        let id: String
        do {
            let backend = try bench.open()
            id = try await bench.start(backend)
            try await bench.stop(backend, id)
        }
        do {
            let state = try StateDirectory(bench.sandbox.state)
            let store = try SQLiteJobStore(in: state)
            let job = try #require(try store.jobsStoppedInQueue(.rxNormInference).first)
            let work = WorkDirectory(state, job)
            let manifest = try Manifests(job: job, paths: StatePaths(state)).addAlone(
                status: "STOPPED", reason: "the job was stopped", now: bench.clock.now(), to: work)
            try await store.recordOutcome(JobOutcome(.stopped, manifest: manifest), of: job)
            if renamed { try Publisher(state: state).publish(job, work) }
        }
        try await bench.run { backend in
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .stopped)
            #expect(job.manifestFilePath == "out/123456789012-RxNormInference-\(id)/Manifest")
        }
        #expect(try bench.sandbox.files(bench.output(id)) == ["Manifest", "success", "unprocessed"])
    }

    @Test("A work directory that cannot be removed does not prevent the end of a job")
    func leftovers() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "exit 0"])
        let job = try await bench.run { backend in
            try DirectoryHandle(bench.sandbox.state).removeTree("work")
            symlink(bench.sandbox.path.string, bench.sandbox.state.appending("work").string)
            return try await bench.end(backend, try await bench.start(backend))
        }
        #expect(job.jobStatus == .failed)
        #expect(job.message == "the job could not be run: Not a directory")
    }

    /// The bucket is a link to another file system: the output is copied and then renamed.
    @Test(
        "An incomplete copy to another disk is repeated, and a complete one is used",
        .enabled(if: OtherDisk.isThere), arguments: ["half", "complete", "published"])
    func otherDisk(_ stage: String) async throws {
        let bench = try Bench(scripts: [.rxNormInference: "touch ../../../../again; exit 1"])
        let disk = try #require(try OtherDisk())
        try bench.sandbox.write("", to: "state/buckets/x")
        symlink(disk.path.string, bench.sandbox.state.appending("buckets/results").string)
        let id = try await bench.start(try bench.open())
        try await leave(bench, renamed: stage == "published")
        let copy = disk.path.appending("out/.jobline-RxNormInference-\(id)")
        switch stage {
        case "published": break
        default:
            mkdir(disk.path.appending("out").string, 0o755)
            mkdir(copy.string, 0o700)
            let file = try DirectoryHandle(copy).createFile(stage == "half" ? "half" : "a.txt.out")
            try file.close()
            guard stage == "complete" else { break }
            let work = bench.sandbox.state.appending("work/RxNormInference-\(id)")
            #expect(rename(work.appending("output").string, work.appending("copied").string) == 0)
        }
        try await bench.run { backend in
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .completed, "\(job.message ?? "")")
        }
        #expect(!bench.sandbox.exists("again"))
        #expect(try disk.names() == ["out"])
        let name = "123456789012-RxNormInference-\(id)"
        #expect(try DirectoryHandle(disk.path.appending("out")).entries().map(\.name) == [name])
        #expect(
            try disk.files()
                == (stage == "complete" ? ["a.txt.out"] : ["Manifest", "a.txt.out", "success", "unprocessed"])
                .map { "out/\(name)/\($0)" })
        #expect(try bench.sandbox.files("state/work").isEmpty)
    }

    @Test("Foreign files in the work folder are not removed")
    func othersWork() async throws {
        let bench = try Bench(scripts: [.rxNormInference: CompleteExecutor.script])
        try bench.sandbox.write("keep", to: "disk/photos/1")
        try bench.sandbox.write("", to: "disk/RxNormInference-0/output/x")
        symlink(bench.sandbox.path.appending("disk").string, bench.sandbox.state.appending("work").string)
        #expect(try await bench.finished().jobStatus == .completed)
        #expect(try bench.sandbox.files("disk") == ["photos/1"])
    }

    @Test("A job whose output was lost before publication fails")
    func lost() async throws {
        let bench = try Bench(scripts: [.rxNormInference: "exit 1"])
        let id = try await bench.start(try bench.open())
        try await leave(bench, renamed: false)
        try DirectoryHandle(bench.sandbox.state.appending("work")).removeTree("RxNormInference-\(id)")
        try await bench.run { backend in
            let job = try await bench.end(backend, id)
            #expect(job.jobStatus == .failed)
            #expect(job.message == "the output could not be published: No such file or directory")
        }
    }
}
