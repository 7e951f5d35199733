import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// Tests a daemon that is killed at any moment, and its successor.
@Suite("Crash", .timeLimit(.minutes(2)))
struct CrashTests {
    /// An executor that tells that it runs, and ends only when the file `go` appears.
    static func settings(_ directory: TestDirectory, onRestart: String) throws -> String {
        let executor = try directory.write(
            """
            #!/bin/sh
            echo '\(Secret.word)' >&2
            echo "$$" >> '\(directory.appending("runs"))'
            until [ -e '\(directory.appending("go"))' ]; do sleep 0.05; done
            echo done > "$JOBLINE_OUTPUT/note.txt.out"
            echo '{"processed":{"input":"note.txt","output":"note.txt.out"}}'
            """, to: "executor", mode: 0o755)
        try directory.write(Secret.word, to: "state/buckets/notes/note.txt")
        return "executors: {rxNormInference: {command: [\"\(executor)\"], onRestart: \(onRestart)}}"
    }

    static func start(
        _ client: JoblineClient, token: String, options: CallOptions = CallOptions()
    ) async throws -> String {
        let response = try await client.comprehendMedical.startRxNormInferenceJob(
            inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
            dataAccessRoleARN: Samples.role, languageCode: .en, clientRequestToken: "\(token)-\(Secret.word)",
            options: options)
        return try #require(response.jobID)
    }

    static func untilRunning(_ directory: TestDirectory, times: Int) async throws {
        _ = try await Samples.untilEnded {
            ((try? directory.read("runs")) ?? "").split(separator: "\n").count
        } ended: {
            $0 >= times
        }
    }

    static func ended(_ client: JoblineClient, _ id: String) async throws -> ComprehendMedical.JobProperties {
        try await Samples.untilEnded {
            try #require(try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id).jobProperties)
        } ended: {
            $0.endTime != nil
        }
    }

    @Test("After a crash each acknowledged job exists once, and the one that ran has failed")
    func failed() async throws {
        try await TestDirectory.with { directory in
            let settings = try Self.settings(directory, onRestart: "fail")
            let (ids, end) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    var ids: [String] = []
                    for index in 0..<20 { ids.append(try await Self.start(client, token: "token-\(index)")) }
                    try await Self.untilRunning(directory, times: 1)
                    daemon.send(.kill)
                    return ids
                }
            }
            #expect(end.status == .signaled(SIGKILL))
            let orphan = try #require(pid_t(directory.read("runs").split(separator: "\n")[0]))

            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    let interrupted = try await Self.ended(client, ids[0])
                    #expect(interrupted.jobStatus == .failed)
                    #expect(interrupted.message?.contains("executor") == true)
                    #expect(!ProcessTable.isRunning(orphan), "the orphaned executor still runs")

                    // The same token still means the same job.
                    #expect(try await Self.start(client, token: "token-7") == ids[7])
                    let listed = try await client.comprehendMedical.listRxNormInferenceJobs(maxResults: 500)
                    #expect(Set(listed.jobPropertiesList?.compactMap(\.jobID) ?? []) == Set(ids))
                    #expect(listed.jobPropertiesList?.count == ids.count)

                    try directory.write("go", to: "go")
                    for id in ids.dropFirst() { #expect(try await Self.ended(client, id).jobStatus == .completed) }
                }
            }
        }
    }

    @Test("Processes that an executor started in their own session end as well")
    func sessions() async throws {
        try await TestDirectory.with { directory in
            let executor = try directory.write(
                """
                #!/bin/sh
                setsid sh -c 'echo "$$" >> '\(directory.appending("runs"))'; exec sleep 1000' &
                exec sleep 1000
                """, to: "executor", mode: 0o755)
            try directory.write(Secret.word, to: "state/buckets/notes/note.txt")
            let settings = "executors: {rxNormInference: {command: [\"\(executor)\"], onRestart: fail}}"
            let (id, _) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    let id = try await Self.start(client, token: "once")
                    try await Self.untilRunning(directory, times: 1)
                    daemon.send(.kill)
                    return id
                }
            }
            let orphan = try #require(pid_t(directory.read("runs").split(separator: "\n")[0]))
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    let job = try await Self.ended(client, id)
                    #expect(job.jobStatus == .failed)
                    #expect(!ProcessTable.isRunning(orphan), "what the executor had started still runs")
                }
            }
        }
    }

    @Test("An interrupted job runs again if configured")
    func rerun() async throws {
        try await TestDirectory.with { directory in
            let settings = try Self.settings(directory, onRestart: "rerun")
            let (id, _) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    let id = try await Self.start(client, token: "once")
                    try await Self.untilRunning(directory, times: 1)
                    daemon.send(.kill)
                    return id
                }
            }
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    try await Self.untilRunning(directory, times: 2)
                    try directory.write("go", to: "go")
                    #expect(try await Self.ended(client, id).jobStatus == .completed)
                }
            }
        }
    }

    @Test("Nothing acknowledged is lost, at whatever point the daemon is killed", arguments: 0..<5)
    func anyMoment(round: Int) async throws {
        try await TestDirectory.with { directory in
            let settings = try Self.settings(directory, onRestart: "rerun")
            // Jobs are started in sequence until the daemon is killed, which happens later in each round.
            let (acknowledged, _) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    var ids: [String] = []
                    do {
                        for index in 0..<1000 {
                            ids.append(try await Self.start(client, token: "token-\(index)"))
                            if ids.count == 1 + round * 7 { daemon.send(.kill) }
                        }
                    } catch is JoblineError {
                        // The pending start has no reply; its job may or may not exist.
                    }
                    return ids
                }
            }
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    let listed = try await client.comprehendMedical.listRxNormInferenceJobs(maxResults: 500)
                    let found = listed.jobPropertiesList?.compactMap(\.jobID) ?? []
                    #expect(Set(found).count == found.count)
                    #expect(Set(found).isSuperset(of: acknowledged))
                    #expect(found.count <= acknowledged.count + 1)
                }
            }
        }
    }
}
