import JoblineBackend
import JoblineEmbedded
import JoblineServer
import Logging
import SystemPackage
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

    @Test("A flag takes precedence over the environment, and the environment over the file")
    func precedence() async throws {
        let file = "socket: /file\nstateDirectory: /file\nregion: eu-west-1"
        let environment = ["JOBLINE_SOCKET": "/environment", "JOBLINE_STATE_DIRECTORY": "/environment", "PATH": "/bin"]
        let configuration = try await Self.read(file, flags: ["socket": "/flag"], environment: environment)
        #expect(configuration.socket == "/flag")
        #expect(configuration.embedded.stateDirectory == "/environment")
        #expect(configuration.embedded.region == "eu-west-1")
    }

    @Test("The file and the environment support the same keys")
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
            comprehendMedical: {retentionSeconds: 3, fileBytes: 50000}
            personalize: {openJobs: 7}
            entityResolution: {oneJobPerWorkflow: false, matchingWorkflows: 20, idMappingWorkflows: 30}
            access: {read: {users: [root, 7], groups: [8]}, write: {groups: [root]}}
            connections:
              {total: 40, perUser: 30, inFlight: 9, watchedJobs: 12, requestBytes: 2000, replyBytes: 3000,
              bareBytes: 4000, softOutputBytes: 5000, hardOutputBytes: 6000, slowReaderSeconds: 8, frameSeconds: 9,
              maximumTimeoutSeconds: 11, inFlightBytes: 7000, userBytes: 70000}
            executors:
              snomedctInference:
                command: [/bin/sh, -c, "exit 1"]
                concurrency: 3
                timeoutSeconds: 60
                environment: [HOME, TZ]
                onRestart: rerun
                modelVersion: 2.1.0
            """
        let environment = [
            "JOBLINE_REGION": "eu-west-1", "JOBLINE_ACCOUNT": "123456789012", "JOBLINE_DRAIN_SECONDS": "7",
            "JOBLINE_LOG_LEVEL": "debug", "JOBLINE_LIMITS_PROFILE": "aws", "JOBLINE_LIMITS_SHADOW": "true",
            "JOBLINE_LIMITS_CLIENT_READ_RATE": "3", "JOBLINE_LIMITS_CLIENT_READ_BURST": "4",
            "JOBLINE_LIMITS_SERVICES_PERSONALIZE_RATE": "0.5",
            "JOBLINE_LIMITS_METHODS_COMPREHEND_MEDICAL_LIST_SNOMEDCTINFERENCE_JOBS_RATE": "2.5",
            "JOBLINE_LIMITS_METHODS_COMPREHEND_MEDICAL_LIST_SNOMEDCTINFERENCE_JOBS_BURST": "9",
            "JOBLINE_COMPREHEND_MEDICAL_RETENTION_SECONDS": "3", "JOBLINE_COMPREHEND_MEDICAL_FILE_BYTES": "50000",
            "JOBLINE_PERSONALIZE_OPEN_JOBS": "7", "JOBLINE_ENTITY_RESOLUTION_ONE_JOB_PER_WORKFLOW": "false",
            "JOBLINE_ENTITY_RESOLUTION_MATCHING_WORKFLOWS": "20",
            "JOBLINE_ENTITY_RESOLUTION_ID_MAPPING_WORKFLOWS": "30",
            "JOBLINE_ACCESS_READ_USERS": "root,7", "JOBLINE_ACCESS_READ_GROUPS": "8",
            "JOBLINE_ACCESS_WRITE_GROUPS": "root", "JOBLINE_CONNECTIONS_TOTAL": "40",
            "JOBLINE_CONNECTIONS_PER_USER": "30",
            "JOBLINE_CONNECTIONS_IN_FLIGHT": "9", "JOBLINE_CONNECTIONS_WATCHED_JOBS": "12",
            "JOBLINE_CONNECTIONS_REQUEST_BYTES": "2000",
            "JOBLINE_CONNECTIONS_REPLY_BYTES": "3000", "JOBLINE_CONNECTIONS_BARE_BYTES": "4000",
            "JOBLINE_CONNECTIONS_SOFT_OUTPUT_BYTES": "5000", "JOBLINE_CONNECTIONS_HARD_OUTPUT_BYTES": "6000",
            "JOBLINE_CONNECTIONS_SLOW_READER_SECONDS": "8", "JOBLINE_CONNECTIONS_FRAME_SECONDS": "9",
            "JOBLINE_CONNECTIONS_MAXIMUM_TIMEOUT_SECONDS": "11",
            "JOBLINE_CONNECTIONS_IN_FLIGHT_BYTES": "7000", "JOBLINE_CONNECTIONS_USER_BYTES": "70000",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_COMMAND": "/bin/sh,-c,exit 1",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_CONCURRENCY": "3",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_TIMEOUT_SECONDS": "60",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_ENVIRONMENT": "HOME,TZ",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_ON_RESTART": "rerun",
            "JOBLINE_EXECUTORS_SNOMEDCT_INFERENCE_MODEL_VERSION": "2.1.0",
        ]
        for configuration in [try await Self.read(file), try await Self.read(environment: environment)] {
            #expect(configuration.embedded.region == "eu-west-1")
            #expect(configuration.embedded.accountID == "123456789012")
            #expect(configuration.logLevel == .debug)
            #expect(configuration.server.drainTimeout == .seconds(7))
            #expect(
                configuration.access
                    == AccessRules(read: .init(users: [0, 7], groups: [8]), write: .init(groups: [0])))
            #expect(configuration.server.connections == 40)
            #expect(configuration.server.connectionsPerUser == 30)
            #expect(configuration.server.inFlight == 9)
            #expect(configuration.server.watchedJobs == 12)
            #expect(configuration.server.requestBytes == 2000)
            #expect(configuration.server.replyBytes == 3000)
            #expect(configuration.server.bareRequestBytes == 4000)
            #expect(configuration.server.softOutputBytes == 5000)
            #expect(configuration.server.hardOutputBytes == 6000)
            #expect(configuration.server.slowConsumerTimeout == .seconds(8))
            #expect(configuration.server.frameTimeout == .seconds(9))
            #expect(configuration.server.maximumTimeout == .seconds(11))
            #expect(configuration.server.inFlightBytes == 7000)
            #expect(configuration.server.userBytes == 70_000)
            #expect(configuration.embedded.retention == .seconds(3))
            #expect(configuration.embedded.comprehendMedicalFileBytes == 50_000)
            #expect(configuration.embedded.personalizeOpenJobs == 7)
            #expect(configuration.embedded.matchingWorkflows == 20)
            #expect(configuration.embedded.idMappingWorkflows == 30)
            #expect(!configuration.embedded.refusesBusyWorkflows)
            #expect(configuration.limits.profile == .aws)
            #expect(configuration.limits.shadow)
            #expect(configuration.limits.clientRead == .init(perSecond: 3, burst: 4))
            #expect(configuration.limits.clientWrite == nil)
            // The default burst is the requests of one second, at least one.
            #expect(configuration.limits.services == ["Personalize": .init(perSecond: 0.5, burst: 1)])
            #expect(
                configuration.limits.methods
                    == ["ComprehendMedical.ListSNOMEDCTInferenceJobs": .init(perSecond: 2.5, burst: 9)])
            #expect(
                configuration.embedded.executors == [
                    .snomedctInference: ExecutorConfiguration(
                        command: ["/bin/sh", "-c", "exit 1"], concurrency: 3, timeout: .seconds(60),
                        environment: ["HOME", "TZ"], onRestart: .rerun, modelVersion: "2.1.0")
                ])
        }
    }

    @Test("The example of access rules in the shipped file is valid on every host")
    func shippedAccess() async throws {
        let text = try Project.text("deploy/joblined.yaml")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).drop { $0 != "# access:" }
            .prefix { $0.hasPrefix("#") }
        let configuration = try await Self.read(lines.map { String($0.dropFirst(2)) }.joined(separator: "\n"))
        #expect(configuration.access.read?.users.isEmpty == false)
        #expect(configuration.access.write?.groups.isEmpty == false)
    }

    @Test("An empty list denies everybody, and no list allows everybody")
    func nobody() async throws {
        #expect(try await Self.read("access: {write: {users: []}}").access == AccessRules(write: .init()))
        #expect(try await Self.read("access: {}").access == AccessRules())
    }

    @Test(
        "The limit for one user follows the total, unless configured",
        arguments: [(8, 6), (340, 255), (400, 256), (1, 1)])
    func caps(total: Int, perUser: Int) async throws {
        let configuration = try await Self.read("connections: {total: \(total)}")
        #expect(configuration.server.connections == total)
        #expect(configuration.server.connectionsPerUser == perUser)
    }

    @Test("Every key of the shipped file either reloads or is reported as requiring a restart")
    func reload() async throws {
        let changes: [(String, reloads: Bool)] = [
            ("socket: /elsewhere", false), ("stateDirectory: /elsewhere", false), ("logLevel: trace", true),
            ("region: eu-west-1", false), ("account: \"123456789012\"", false), ("limits: {profile: aws}", true),
            ("limits: {shadow: true}", true), ("limits: {client: {read: {rate: 1}}}", true),
            ("access: {read: {users: []}}", true), ("connections: {total: 9}", true),
            ("connections: {perUser: 9}", true), ("connections: {inFlight: 9}", true),
            ("connections: {requestBytes: 2000}", true), ("connections: {replyBytes: 2000}", true),
            ("connections: {bareBytes: 2000}", true), ("drainSeconds: 3", false),
            ("comprehendMedical: {retentionSeconds: 3}", false), ("comprehendMedical: {fileBytes: 3}", false),
            ("personalize: {openJobs: 3}", false), ("entityResolution: {oneJobPerWorkflow: false}", false),
            ("entityResolution: {matchingWorkflows: 3}", false), ("entityResolution: {idMappingWorkflows: 3}", false),
            ("executors: {matching: {command: [/bin/true]}}", true),
            ("faults: {slow: {methods: \"*\", delayMilliseconds: 1}}", false),
        ]
        let old = DaemonConfiguration()
        for (text, reloads) in changes {
            let new = try await Self.read(text)
            let reloaded = old.reloaded(with: new)
            #expect(reloaded.changes(from: old).isEmpty == !reloads, "\(text)")
            #expect(old.keysNeedingRestart(for: new).isEmpty == reloads, "\(text)")
            #expect(reloaded.keysNeedingRestart(for: new).isEmpty == reloads, "\(text)")
            if !reloads {
                let key = text.prefix { $0 != ":" }
                #expect(old.keysNeedingRestart(for: new).allSatisfy { $0.hasPrefix(key) }, "\(text)")
            }
        }
    }

    @Test("Faults are read from the file with names chosen by the user")
    func faults() async throws {
        let configuration = try await Self.read(
            """
            faults:
              slow-describe: {methods: ComprehendMedical.Describe*, share: 0.2, seed: 7, delayMilliseconds: 300}
              busy: {methods: "*", throttle: true, retryAfterMilliseconds: -1}
              lost-start:
                methods: ComprehendMedical.Start*
                error: InternalServerException
                after: true
            """)
        var slow = FaultRule(name: "slow-describe", methods: "ComprehendMedical.Describe*")
        (slow.share, slow.seed, slow.delayMilliseconds) = (0.2, 7, 300)
        var busy = FaultRule(name: "busy", methods: "*")
        (busy.throttle, busy.retryAfterMilliseconds) = (true, -1)
        var lost = FaultRule(name: "lost-start", methods: "ComprehendMedical.Start*")
        (lost.error, lost.after) = ("InternalServerException", true)
        #expect(configuration.faults == [slow, busy, lost])
        #expect(lost.share == 1 && lost.seed == 0)
    }

    @Test("Faults in the environment are ignored")
    func faultsFromEnvironment() async throws {
        let names = ["JOBLINE_FAULTS_SLOW_METHODS", "JOBLINE_FAULTS_SLOW_THROTTLE"]
        let configuration = try await Self.read(environment: [names[0]: "*", names[1]: "true"])
        #expect(configuration.faults.isEmpty)
        #expect(configuration.unknownVariables == names)
    }

    @Test("The examples of faults in the shipped file are valid")
    func shippedFaults() async throws {
        let text = try Project.text("deploy/joblined.yaml")
        let lines = text.split(separator: "\n").drop { $0 != "# faults:" }.prefix { $0.hasPrefix("#") }
        let configuration = try await Self.read(lines.map { String($0.dropFirst(2)) }.joined(separator: "\n"))
        #expect(configuration.faults.map(\.name) == ["slow-describe", "busy", "lost-start"])
    }

    @Test("The shipped configuration only contains defaults")
    func shipped() async throws {
        let shipped = try await DaemonConfiguration(
            flags: [:], environment: [:], path: Project.file("deploy/joblined.yaml"))
        let defaults = DaemonConfiguration()
        #expect(shipped.socket == defaults.socket)
        #expect(shipped.embedded.stateDirectory == defaults.embedded.stateDirectory)
        #expect(shipped.logLevel == defaults.logLevel)
        #expect(shipped.embedded.region == defaults.embedded.region)
        #expect(shipped.embedded.accountID == defaults.embedded.accountID)
        #expect(shipped.limits == defaults.limits)
        #expect(shipped.access == defaults.access)
        #expect(shipped.server == defaults.server)
        #expect(shipped.embedded.executors == defaults.embedded.executors)
        #expect(shipped.embedded.retention == defaults.embedded.retention)
        #expect(shipped.embedded.comprehendMedicalFileBytes == defaults.embedded.comprehendMedicalFileBytes)
        #expect(shipped.embedded.personalizeOpenJobs == defaults.embedded.personalizeOpenJobs)
        #expect(shipped.embedded.matchingWorkflows == defaults.embedded.matchingWorkflows)
        #expect(shipped.embedded.idMappingWorkflows == defaults.embedded.idMappingWorkflows)
        #expect(shipped.embedded.refusesBusyWorkflows == defaults.embedded.refusesBusyWorkflows)
        #expect(shipped.faults == defaults.faults)
    }

    @Test(
        "A file with only comments or empty mappings has no settings",
        arguments: ["", "# nothing\n", "---\n", "{}", "limits: {}\nfaults: {}"])
    func empty(text: String) async throws {
        let configuration = try await Self.read(text)
        #expect(configuration.socket == DaemonConfiguration().socket)
    }
}
