import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// A real daemon, real signals, and what becomes of those that are being served.
@Suite("Reload", .timeLimit(.minutes(2)))
struct ReloadTests {
    private static let open = "access: {write: {users: [\(getuid())]}}"
    private static let closed = "access: {write: {users: []}}"

    private static var once: CallOptions {
        var options = CallOptions()
        options.retry = .disabled
        return options
    }

    /// Stops a job that does not exist.
    ///
    /// - Returns: The code of the error that this always is.
    private func stop(_ client: JoblineClient) async throws -> JoblineError.Code? {
        do throws(JoblineError) {
            _ = try await client.comprehendMedical.stopRxNormInferenceJob(jobID: "none", options: Self.once)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("A reload notifies the service manager at its start, with the time, and at its end")
    func notifications() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory) { daemon in
                var before = timespec()
                clock_gettime(CLOCK_MONOTONIC, &before)
                let (begin, end) = try await daemon.reload("limits: {profile: aws}")
                #expect(begin.contains("RELOADING=1"))
                let time = try #require(begin.first { $0.hasPrefix("MONOTONIC_USEC=") })
                let microseconds = try #require(Int(time.dropFirst("MONOTONIC_USEC=".count)))
                #expect(microseconds >= Int(before.tv_sec) * 1_000_000 + Int(before.tv_nsec) / 1000)
                #expect(end == ["READY=1", "STATUS=serving"])
            }
        }
    }

    @Test("Limits are tightened and loosened under an open connection, and GetInfo shows them at once")
    func limits() async throws {
        func settings(_ rate: Int) -> String {
            "limits: {methods: {ComprehendMedical: {StopRxNormInferenceJob: {rate: \(rate), burst: \(rate)}}}}"
        }
        func shown(_ client: JoblineClient) async throws -> Double? {
            try await client.sidecar.getInfo().limits.first { $0.scope == "method" }?.rate
        }
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: settings(100_000)) { daemon in
                try await daemon.client { client in
                    #expect(try await shown(client) == 100_000)
                    for _ in 1...20 { #expect(try await stop(client) == .notFound) }
                    // More than a thousand seconds a token: any token is from before, and there is at most one.
                    try await daemon.reload(settings(1).replacing("rate: 1", with: "rate: 0.001"))
                    #expect(try await shown(client) == 0.001)
                    #expect(try await stop(client) == .notFound)
                    #expect(try await stop(client) == .throttled)
                    try await daemon.reload(settings(1000))
                    var code: JoblineError.Code?
                    while code != .notFound { code = try await stop(client) }
                    try await daemon.reload("limits: {profile: local}")
                    #expect(try await shown(client) == nil)
                    for _ in 1...20 { #expect(try await stop(client) == .notFound) }
                }
            }
        }
    }

    @Test("Access is withdrawn from an open connection, and given back")
    func access() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: Self.open) { daemon in
                try await daemon.client { client in
                    #expect(try await stop(client) == .notFound)
                    try await daemon.reload(Self.closed)
                    #expect(try await stop(client) == .forbidden)
                    #expect(try await client.hello().access == [.read])
                    _ = try await client.comprehendMedical.listRxNormInferenceJobs(options: Self.once)
                    try await daemon.reload(Self.open)
                    #expect(try await stop(client) == .notFound)
                }
            }
        }
    }

    @Test("The log level changes for open connections too")
    func logLevel() async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory, settings: "logLevel: info", logLevel: nil) {
                daemon in
                try await daemon.client { client in
                    _ = try await client.ping()
                    try await daemon.reload("logLevel: debug")
                    _ = try await client.sidecar.getInfo()
                    try await daemon.reload("logLevel: notice")
                    _ = try await client.discover()
                }
            }
            #expect(end.log.contains("method=Sidecar.GetInfo"), "\(end.log)")
            #expect(!end.log.contains("rpc.ping") && !end.log.contains("rpc.discover"), "\(end.log)")
        }
    }

    @Test(
        "A bad file is refused in one line and in the status, and changes nothing",
        arguments: [
            ("access: {write: {users: []}}\nlimits: {profile: none}", "limits.profile"),
            ("access: {write: {users: [no-such-user]}}", "there is no user no-such-user"),
            ("access: {write: {}}", "access.write: has no users or groups"),
            ("access: {write: {users: []}}\nconnections: {total: 4, perUser: 4}", "connections.perUser"),
            ("access: {write: {users: []}}\nregion: here", "region"),
            ("access: {write: {users: []}}\nlimts: {}\nfrob: 1", "unknown key frob"),
            // Half-written, then missing.
            ("access: {write: {us", "line"), ("", "has no settings"), ("# nothing\n", "has no settings"),
        ])
    func refused(text: String, reason: String) async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory, settings: Self.open) { daemon in
                try await daemon.client { client in
                    let (_, end) = try await daemon.reload(text)
                    #expect(end.contains("READY=1"))
                    let status = try #require(end.first { $0.hasPrefix("STATUS=") })
                    #expect(status.contains("refused, the old one stays in force"), "\(status)")
                    #expect(status.contains(reason), "\(status)")
                    #expect(try await stop(client) == .notFound)
                    // The next valid file takes effect.
                    let (_, good) = try await daemon.reload(Self.closed)
                    #expect(good == ["READY=1", "STATUS=serving"])
                    #expect(try await stop(client) == .forbidden)
                }
            }
            let lines = end.log.split(separator: "\n").filter { $0.contains(" error ") }
            #expect(lines.count == 1 && lines[0].contains(reason), "\(end.log)")
            #expect(end.status == .exited(0))
        }
    }

    @Test("A missing file is refused")
    func missing() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: Self.open) { daemon in
                unlink(directory.appending("joblined.yaml"))
                let (_, end) = try await daemon.reload()
                #expect(end.contains { $0.hasPrefix("STATUS=") && $0.contains("cannot be read") }, "\(end)")
                let code = try await daemon.client { try await stop($0) }
                #expect(code == .notFound)
            }
        }
    }

    @Test("Keys that require a restart are named, and the others take effect")
    func restart() async throws {
        let settings = """
            region: eu-west-1
            drainSeconds: 3
            faults: {slow: {methods: "*", delayMilliseconds: 1}}
            access: {write: {users: []}}
            """
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory, settings: Self.open) { daemon in
                let (_, end) = try await daemon.reload(settings)
                #expect(end == ["READY=1", "STATUS=serving"])
                try await daemon.client { client in
                    let info = try await client.sidecar.getInfo()
                    #expect(info.faults.isEmpty)
                    #expect(try await stop(client) == .forbidden)
                }
            }
            let warning = try #require(end.log.split(separator: "\n").first { $0.contains(" warning ") })
            #expect(warning.contains("region, drainSeconds, faults.slow"), "\(warning)")
            #expect(!warning.contains("access"))
        }
    }

    @Test("Added, changed and removed executors apply to the next job, not to running ones")
    func executors() async throws {
        try await TestDirectory.with { directory in
            let settings = try CrashTests.settings(directory, onRestart: "fail")
            let (_, end) = try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    let running = try await CrashTests.start(client, token: "running")
                    try await CrashTests.untilRunning(directory, times: 1)
                    // Removed, and another family is added.
                    try await daemon.reload("executors: {phiDetection: {command: \(CompleteExecutor.command())}}")
                    let families = try await client.sidecar.getInfo().families.filter(\.configured).map(\.family)
                    #expect(families == ["PHIDetection"])
                    await #expect(throws: JoblineError.self) { try await CrashTests.start(client, token: "refused") }
                    let added = try await client.comprehendMedical.startPHIDetectionJob(
                        inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
                        dataAccessRoleARN: Samples.role, languageCode: .en)
                    let job = try await client.waitUntilTerminal(.comprehendMedical(.phiDetection, added.jobID ?? ""))
                    #expect(job.state == .succeeded)
                    let still = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: running)
                    #expect(still.jobProperties?.jobStatus == .inProgress)
                    try directory.write("go", to: "go")
                    #expect(try await CrashTests.ended(client, running).jobStatus == .completed)
                }
            }
            #expect(end.log.contains("executors.phiDetection, executors.rxNormInference"), "\(end.log)")
        }
    }

    @Test("Ten reloads under load lose no request")
    func underLoad() async throws {
        let settings = (0..<2).map {
            "connections: {inFlight: \(256 + $0)}\nlimits: {profile: \($0 == 0 ? "aws" : "local")}"
        }
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory, settings: settings[1]) { daemon in
                let served = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try await daemon.client { client in
                                var count = 0
                                while !Task.isCancelled {
                                    _ = try await client.sidecar.getInfo(options: Self.once)
                                    count += 1
                                }
                                return count
                            }
                        }
                    }
                    for round in 1...10 { try await daemon.reload(settings[round % 2]) }
                    group.cancelAll()
                    var counts: [Int] = []
                    while let result = await group.nextResult() {
                        switch result {
                        case .success(let count): counts.append(count)
                        // The reply at the end, not of a lost request.
                        case .failure(let error as JoblineError) where error.code == .cancelled: counts.append(1)
                        case .failure(let error): throw error
                        }
                    }
                    return counts
                }
                #expect(served.count == 4 && served.allSatisfy { $0 > 0 })
            }
            #expect(end.log.split(separator: "\n").count { $0.contains("configuration reloaded") } == 10)
        }
    }

    @Test("After many signals the newest file is in force, and the daemon still runs")
    func flood() async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory, settings: Self.open) { daemon in
                for _ in 1...100 { daemon.send(.terminalClosed) }
                try await daemon.reload(Self.closed)
                try await daemon.client { client in
                    while try await stop(client) != .forbidden {}
                }
                // The same during the drain.
                daemon.send(.terminate)
                for _ in 1...100 { daemon.send(.terminalClosed) }
            }
            #expect(end.status == .exited(0), "\(end.log)")
        }
    }

    @Test("A signal during the start does not end the daemon, and takes effect after the configuration was read")
    func startUp() async throws {
        try await TestDirectory.with { directory in
            let path = try directory.write(Self.open, to: "joblined.yaml")
            // Signalled until it is ready: the shell becomes the daemon.
            let hangUps = "trap '' HUP; (for i in $(seq 200); do kill -HUP $$; sleep 0.005; done) & exec \"$@\""
            let (_, end) = try await DaemonProcess.with(
                in: directory, settings: Self.open, launcher: ["bash", "-c", hangUps, "bash"]
            ) { daemon in
                try directory.write(Self.closed, to: "joblined.yaml")
                daemon.send(.terminalClosed)
                try await daemon.client { client in
                    while try await stop(client) != .forbidden {}
                }
            }
            #expect(end.status == .exited(0), "\(path): \(end.log)")
        }
    }
}

extension DaemonProcess {
    /// Asks the daemon to read its configuration again, and waits until it has.
    ///
    /// - Parameter settings: The new content of its configuration file; nil: what is there.
    /// - Returns: The messages to the service manager with which it began and ended.
    @discardableResult
    func reload(_ settings: String? = nil) async throws -> (begin: [String], end: [String]) {
        if let settings { try directory.write(settings, to: "joblined.yaml") }
        send(.terminalClosed)
        return (try await notifications.waitFor("RELOADING=1"), try await notifications.waitFor("READY=1"))
    }
}
