import GRDB
import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// The state directory is on a file system of a few megabytes, which a test can fill.
@Suite("A full disk", .timeLimit(.minutes(2)), .enabled { await SmallDisk.isPermitted() })
struct FullDiskTests {
    /// Takes the first job and keeps it, so that all others wait.
    static let settings = "executors: {rxNormInference: {command: [sleep, \"1000\"], onRestart: rerun}}"

    private func start(_ client: JoblineClient, _ token: String) async throws(JoblineError) -> String? {
        var options = CallOptions()
        options.retry = .disabled
        return try await client.comprehendMedical.startRxNormInferenceJob(
            inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
            dataAccessRoleARN: Samples.role, languageCode: .en, clientRequestToken: token, options: options
        ).jobID
    }

    private func listed(_ client: JoblineClient) async throws -> [String] {
        let page = try await client.comprehendMedical.listRxNormInferenceJobs(maxResults: 500)
        return page.jobPropertiesList?.compactMap(\.jobID) ?? []
    }

    /// Starts jobs, and fills the disk meanwhile, until there is no room for another.
    private func fill(_ disk: SmallDisk, _ client: JoblineClient, _ prefix: String) async throws -> Set<String> {
        var acknowledged: Set<String> = []
        try disk.fill()
        for number in 0..<200 {
            do {
                acknowledged.insert(try #require(try await start(client, "\(prefix)-\(number)")))
            } catch let error as JoblineError {
                #expect(error.wire?.code == .internalError)
                #expect(error.wire?.type == "InternalServerException")
                return acknowledged
            }
        }
        Issue.record("starts went on without room")
        return acknowledged
    }

    /// Outcomes of concurrent starts, some of which may still find room.
    private func startMany(_ client: JoblineClient, _ prefix: String) async -> Set<String> {
        await withTaskGroup(of: String?.self) { group in
            for number in 0..<50 { group.addTask { try? await start(client, "\(prefix)-\(number)") } }
            return await group.reduce(into: []) { if let id = $1 { $0.insert(id) } }
        }
    }

    @Test("A full disk fails writes and nothing else, until there is room; nothing acknowledged is lost")
    func survived() async throws {
        try await TestDirectory.with { directory in
            mkdir(directory.appending("state"), 0o700)
            try await SmallDisk.with(at: directory.appending("state"), bytes: 8 << 20) { disk in
                let notes = directory.appending("state/buckets/notes")
                let prepare = ["sh", "-c", "mkdir -p \(notes) && echo aspirin > \(notes)/note.txt"]
                let prepared = try await Command.run("env", disk.launcher + prepare)
                try #require(prepared.status.isSuccess, "\(prepared.error)")

                let (acknowledged, _) = try await DaemonProcess.with(
                    in: directory, settings: Self.settings, launcher: disk.launcher
                ) { daemon in
                    try await daemon.client { client in
                        var acknowledged = await startMany(client, "before")
                        #expect(acknowledged.count == 50)
                        acknowledged.formUnion(try await fill(disk, client, "filling"))

                        // Reads work, and failed writes leave nothing.
                        #expect(await startMany(client, "full").isEmpty)
                        #expect(Set(try await listed(client)) == acknowledged)
                        let id = try #require(acknowledged.first)
                        let job = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)
                        #expect(job.jobProperties?.jobID == id)
                        _ = try await client.ping()
                        let full = try await client.sidecar.getHealth()
                        #expect(full.status == .degraded)
                        #expect(full.checks.first { $0.name == "disk" }?.ok == false)
                        #expect(full.checks.first { $0.name == "store-read" }?.ok == true)

                        disk.free()
                        // Held-back ends are stored within a second.
                        while try await client.sidecar.getHealth().status != .ok { await Task.yield() }
                        // A failed start can be repeated with its token.
                        acknowledged.insert(try #require(try await start(client, "full-0")))
                        acknowledged.formUnion(await startMany(client, "after"))
                        #expect(Set(try await listed(client)) == acknowledged)

                        acknowledged.formUnion(try await fill(disk, client, "filling-again"))
                        daemon.send(.kill)
                        return acknowledged
                    }
                }
                disk.free()
                try await DaemonProcess.with(in: directory, settings: Self.settings, launcher: disk.launcher) {
                    daemon in
                    try await daemon.client { client in
                        let found = try await listed(client)
                        #expect(Set(found) == acknowledged)
                        #expect(found.count == acknowledged.count)
                        #expect(try await start(client, "last") != nil)
                    }
                }
                try expectIntegrity(disk, directory)
            }
        }
    }

    /// Looks at a copy of the database that the daemon left.
    private func expectIntegrity(_ disk: SmallDisk, _ directory: TestDirectory) throws {
        for file in ["jobline.sqlite", "jobline.sqlite-wal"] where access("\(disk.path)/\(file)", F_OK) == 0 {
            try directory.copy("\(disk.path)/\(file)", to: "copy/\(file)")
        }
        let copy = try DatabaseQueue(path: directory.appending("copy/jobline.sqlite"))
        #expect(try copy.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") } == "ok")
    }
}
