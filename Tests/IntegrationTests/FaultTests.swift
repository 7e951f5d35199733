import Jobline
import Subprocess
import TestSupport
import Testing

/// A daemon that is told to go wrong, and what programs and people see of it.
@Suite("Faults on purpose", .timeLimit(.minutes(2)))
struct FaultTests {
    @Test("The SDK waits for the advised time after a throttled call, and succeeds")
    func throttle() async throws {
        // Seed 7 hits the second call and not the third.
        let settings = """
            faults:
              busy: {methods: ComprehendMedical.List*, share: 0.2, seed: 7, throttle: true, retryAfterMilliseconds: 1200}
            """
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    _ = try await client.comprehendMedical.listRxNormInferenceJobs()
                    let start = ContinuousClock.now
                    _ = try await client.comprehendMedical.listRxNormInferenceJobs()
                    // Its own backoff would be less than a second.
                    #expect(start.duration(to: .now) >= .milliseconds(1200))
                    let info = try await client.sidecar.getInfo()
                    #expect(
                        info.faults == [
                            .init(
                                name: "busy", methods: "ComprehendMedical.List*", share: 0.2, seed: 7,
                                effect: "throttles for 1200 ms", calls: 3, hits: 1)
                        ])
                }
            }
        }
    }

    @Test("A start whose response is lost twice starts one job")
    func lostStart() async throws {
        let settings = Samples.settings(
            "faults: {lost-start: {methods: ComprehendMedical.Start*, error: InternalServerException, after: true}}")
        try await TestDirectory.with { directory in
            try Samples.install(in: directory)
            try await DaemonProcess.with(in: directory, settings: settings) { daemon in
                try await daemon.client { client in
                    let error = await #expect(throws: JoblineError.self) {
                        try await client.comprehendMedical.startRxNormInferenceJob(
                            inputDataConfig: .init(s3Bucket: "notes"), outputDataConfig: .init(s3Bucket: "results"),
                            dataAccessRoleARN: Samples.role, languageCode: .en)
                    }
                    #expect(error?.wire?.message == "injected by faults.lost-start after the call")
                    #expect(error?.attempts == 3)
                    #expect(error?.outcomeUnknown == true)
                    let jobs = try await client.comprehendMedical.listRxNormInferenceJobs().jobPropertiesList
                    #expect(jobs?.count == 1)
                }
            }
        }
    }

    @Test("joblinectl info, the log and the service manager show that faults are injected")
    func visible() async throws {
        let settings = "faults: {slow: {methods: Personalize.List*, share: 0.25, delayMilliseconds: 1}}"
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(
                in: directory, settings: settings, environment: ["WATCHDOG_USEC": "200000"]
            ) { daemon in
                let message = try await daemon.notifications.waitFor("WATCHDOG=1")
                let status = message.first { $0.hasPrefix("STATUS=") }
                #expect(status?.hasSuffix("injecting faults (slow)") == true, "\(message)")
                let program = try Project.program("joblinectl")
                let text = try await Command.run(program, ["info", "--socket", daemon.socket])
                #expect(text.output.contains("FAULTS ARE INJECTED"), "\(text.output)\(text.error)")
                let line = text.output.split(separator: "\n").first { $0.hasPrefix("slow ") }
                #expect(
                    line?.split(separator: " ").joined(separator: " ") == "slow Personalize.List* 0.25 0 0 0 waits 1 ms"
                )
                let json = try await Command.run(program, ["info", "--json", "--socket", daemon.socket])
                #expect(
                    json.output.contains(
                        #""faults":[{"name":"slow","methods":"Personalize.List*","share":0.25,"seed":0,"#
                            + #""effect":"waits 1 ms","calls":0,"hits":0}]"#),
                    "\(json.output)")
            }
            let warning = end.log.split(separator: "\n").first { $0.contains("fault injection is active") }
            #expect(warning?.contains("warning") == true)
            #expect(warning?.contains("faults.slow") == true, "\(warning ?? "")")
        }
    }

    @Test("Without rules nothing shows faults")
    func none() async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory) { daemon in
                let faults = try await daemon.client { try await $0.sidecar.getInfo().faults }
                #expect(faults.isEmpty)
                let info = try await Command.run(Project.program("joblinectl"), ["info", "--socket", daemon.socket])
                #expect(info.status == .exited(0))
                #expect(!info.output.contains("FAULT"))
            }
            #expect(!end.log.contains("fault injection"))
        }
    }
}
