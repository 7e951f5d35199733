import JoblineEmbedded
import JoblineServer
import Logging
import TestSupport
import Testing

@testable import joblined

@Suite("Daemon configuration")
struct DaemonConfigurationTests {
    /// Reads settings as the daemon does.
    static func read(
        _ text: String = "", flags: [String: String] = [:], environment: [String: String] = [:]
    ) async throws -> DaemonConfiguration {
        try await TestDirectory.with { directory in
            let path = try directory.write(text, to: "joblined.yaml")
            return try await DaemonConfiguration(flags: flags, environment: environment, path: path)
        }
    }

    @Test("lets a flag win over the environment, and the environment over the file")
    func precedence() async throws {
        let file = "socket: /file\nstateDirectory: /file\nregion: eu-west-1"
        let environment = ["JOBLINE_SOCKET": "/environment", "JOBLINE_STATE_DIRECTORY": "/environment", "PATH": "/bin"]
        let configuration = try await Self.read(file, flags: ["socket": "/flag"], environment: environment)
        #expect(configuration.socket == "/flag")
        #expect(configuration.stateDirectory == "/environment")
        #expect(configuration.region == "eu-west-1")
    }

    @Test("sets the same keys in the file and in the environment")
    func everyKey() async throws {
        let file = """
            region: eu-west-1
            account: "123456789012"
            drainSeconds: 7
            logLevel: debug
            limits:
              profile: aws
              shadow: true
              client: {read: {rate: 3, burst: 4}}
              services: {Personalize: {rate: 0.5}}
              methods: {ComprehendMedical: {ListSNOMEDCTInferenceJobs: {rate: 2.5, burst: 9}}}
            connections: {inFlight: 9, requestBytes: 2000, replyBytes: 3000, bareBytes: 4000}
            executors:
              snomedctInference:
                command: [/bin/sh, -c, "exit 1"]
                concurrency: 3
                timeoutSeconds: 60
                environment: [HOME, TZ]
                onRestart: rerun
            """
        let environment = [
            "JOBLINE_REGION": "eu-west-1", "JOBLINE_ACCOUNT": "123456789012", "JOBLINE_DRAIN_SECONDS": "7",
            "JOBLINE_LOG_LEVEL": "debug", "JOBLINE_LIMITS_PROFILE": "aws", "JOBLINE_LIMITS_SHADOW": "true",
            "JOBLINE_LIMITS_CLIENT_READ_RATE": "3", "JOBLINE_LIMITS_CLIENT_READ_BURST": "4",
            "JOBLINE_LIMITS_SERVICES_PERSONALIZE_RATE": "0.5",
            "JOBLINE_LIMITS_METHODS_COMPREHEND_MEDICAL_LIST_SNOMEDCTINFERENCE_JOBS_RATE": "2.5",
            "JOBLINE_LIMITS_METHODS_COMPREHEND_MEDICAL_LIST_SNOMEDCTINFERENCE_JOBS_BURST": "9",
            "JOBLINE_CONNECTIONS_IN_FLIGHT": "9", "JOBLINE_CONNECTIONS_REQUEST_BYTES": "2000",
            "JOBLINE_CONNECTIONS_REPLY_BYTES": "3000", "JOBLINE_CONNECTIONS_BARE_BYTES": "4000",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_COMMAND": "/bin/sh,-c,exit 1",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_CONCURRENCY": "3",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_TIMEOUT_SECONDS": "60",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_ENVIRONMENT": "HOME,TZ",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_ON_RESTART": "rerun",
        ]
        for configuration in [try await Self.read(file), try await Self.read(environment: environment)] {
            #expect(configuration.region == "eu-west-1")
            #expect(configuration.account == "123456789012")
            #expect(configuration.logLevel == .debug)
            #expect(configuration.server.drainTimeout == .seconds(7))
            #expect(configuration.server.inFlight == 9)
            #expect(configuration.server.requestBytes == 2000)
            #expect(configuration.server.replyBytes == 3000)
            #expect(configuration.server.bareRequestBytes == 4000)
            #expect(configuration.limits.profile == .aws)
            #expect(configuration.limits.shadow)
            #expect(configuration.limits.clientRead == .init(perSecond: 3, burst: 4))
            #expect(configuration.limits.clientWrite == nil)
            // Without a burst of its own: one second's worth, and at least one request.
            #expect(configuration.limits.services == ["Personalize": .init(perSecond: 0.5, burst: 1)])
            #expect(
                configuration.limits.methods
                    == ["ComprehendMedical.ListSNOMEDCTInferenceJobs": .init(perSecond: 2.5, burst: 9)])
            #expect(
                configuration.executors == [
                    .snomedctInference: ExecutorConfiguration(
                        command: ["/bin/sh", "-c", "exit 1"], concurrency: 3, timeout: .seconds(60),
                        environment: ["HOME", "TZ"], onRestart: .rerun)
                ])
        }
    }

    @Test("the configuration that is shipped sets nothing but defaults")
    func shipped() async throws {
        let shipped = try await DaemonConfiguration(
            flags: [:], environment: [:], path: Project.file("deploy/joblined.yaml"))
        let defaults = DaemonConfiguration()
        #expect(shipped.socket == defaults.socket)
        #expect(shipped.stateDirectory == defaults.stateDirectory)
        #expect(shipped.logLevel == defaults.logLevel)
        #expect(shipped.region == defaults.region)
        #expect(shipped.account == defaults.account)
        #expect(shipped.limits == defaults.limits)
        #expect(shipped.server == defaults.server)
        #expect(shipped.executors == defaults.executors)
    }

    @Test("takes a file of comments for one that sets nothing", arguments: ["", "# nothing\n", "---\n"])
    func empty(text: String) async throws {
        let configuration = try await Self.read(text)
        #expect(configuration.socket == DaemonConfiguration().socket)
    }
}
