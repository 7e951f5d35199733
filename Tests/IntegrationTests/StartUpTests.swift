import Glibc
import Jobline
import Subprocess
import TestSupport
import Testing

/// Tests mistakes at the start: one line that names the fault, and an exit status.
@Suite("Start-up")
struct StartUpTests {
    /// Runs joblined to its end, with a socket and a state directory of the test's own unless `arguments` say otherwise.
    static func start(
        _ directory: TestDirectory, _ arguments: [String] = [], settings: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Command.Outcome {
        var all = ["--socket", directory.appending("s"), "--state-directory", directory.appending("state")]
        if let settings { all += ["--config", try directory.write(settings, to: "joblined.yaml")] }
        mkdir(directory.appending("state"), 0o700)
        return try await Command.run(Project.program("joblined"), all + arguments, environment: environment)
    }

    static func expectOneLine(
        _ outcome: Command.Outcome, status: Int32, _ words: String..., location: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.status == .exited(status), sourceLocation: location)
        let lines = outcome.error.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines[1].isEmpty, "\(outcome.error)", sourceLocation: location)
        #expect(outcome.error.hasPrefix("joblined: "), "\(outcome.error)", sourceLocation: location)
        for word in words { #expect(outcome.error.contains(word), "\(outcome.error)", sourceLocation: location) }
    }

    @Test(
        "An invalid configuration file is reported by key, and nothing is created",
        arguments: [
            ("logLevl: debug", ["joblined.yaml:1", "unknown key logLevl"]),
            ("limits:\n  profile: loca", ["limits.profile", "local, aws"]),
            ("limits:\n  client:\n    read: {rate: fast}", ["limits.client.read.rate", "number"]),
            ("limits:\n  client:\n    read: {rate: -1}", ["limits.client.read.rate", "-1"]),
            ("limits:\n  methods:\n    Personalize:\n      Dance: {rate: 1}", ["joblined.yaml:4", "Dance"]),
            ("executors:\n  rxNormInference: {command: run}", ["executors.rxNormInference.command", "list"]),
            (
                "executors:\n  rxNormInference: {command: [/bin/true], concurrency: 0}",
                ["rxNormInference.concurrency", "0"]
            ),
            (
                "executors:\n  rxNormInference: {command: [/bin/true], onRestart: maybe}",
                ["onRestart", "maybe", "rerun"]
            ),
            (
                "executors:\n  rxNormInference: {command: [/no/such/program]}",
                ["rxNormInference.command", "/no/such/program"]
            ),
            ("executors:\n  poetry: {command: [/bin/true]}", ["joblined.yaml:2", "executors.poetry.command"]),
            (
                "faults:\n  slow: {methods: Personalize.*, share: 2, delayMilliseconds: 1}",
                ["faults.slow.share", "0.0 to 1.0", "2"]
            ),
            ("faults:\n  slow:\n    methods: '*'\n    delay: 1", ["joblined.yaml:4", "unknown key faults.slow.delay"]),
            ("faults: {a.b: {methods: '*', throttle: true}}", ["joblined.yaml:1", "unknown key faults.a.b.methods"]),
            ("faults: {a: {}}", ["faults.a: does nothing"]),
            ("faults: {a: 3}", ["joblined.yaml:1", "unknown key faults.a"]),
            ("faults: {lost: {methods: 'rpc.*', throttle: true}}", ["faults.lost.methods", "rpc.*", "never touched"]),
            ("faults: {lost: {methods: '*', throttle: maybe}}", ["faults.lost.throttle", "true or false"]),
            (
                "faults: {lost: {methods: Personalize.List*, error: ConflictException}}",
                ["faults.lost.error", "ConflictException", "InvalidInputException, InvalidNextTokenException"]
            ),
            ("comprehendMedical: {retentionSeconds: 0}", ["comprehendMedical.retentionSeconds", "1 to 315360000"]),
            ("entityResolution: {oneJobPerWorkflow: often}", ["entityResolution.oneJobPerWorkflow", "true or false"]),
            ("access: {write: {users: [no-such-user]}}", ["access.write.users", "no user no-such-user"]),
            ("access: {read: {groups: [users, no-such-group]}}", ["access.read.groups", "no group no-such-group"]),
            ("access: {read: {users: [4294967295]}}", ["access.read.users", "4294967295"]),
            ("access: {read: {users: alice}}", ["access.read.users", "list"]),
            ("access: {read: {}}", ["access.read", "has no users or groups"]),
            ("access: {read: [alice]}", ["joblined.yaml:1", "unknown key access.read"]),
            ("connections: {total: 100, perUser: 76}", ["connections.perUser", "at most 75"]),
            ("connections: {total: 0}", ["connections.total", "1 to 1000000"]),
            ("logLevel: loud", ["logLevel", "loud"]),
            ("socketMode: 0669", ["socketMode", "0660", "0669"]),
            ("socketMode: 66", ["socketMode", "66"]),
            ("socketMode: 1777", ["socketMode", "1777"]),
            ("socketMode: rw-rw----", ["socketMode", "rw-rw----"]),
            ("socketMode: [6, 6, 0]", ["socketMode"]),
            ("socketMode: \"0440\"", ["socketMode", "0440", "write permission"]),
            ("socketGroup: no-such-group", ["socketGroup", "no group no-such-group"]),
            ("socketGroup: \"\"", ["socketGroup"]),
            ("socketGroup: 4294967295", ["socketGroup", "4294967295"]),
            ("account: \"12\"", ["account", "12 digits"]),
            ("- a list", ["joblined.yaml", "keys"]),
            ("logLevel: [", ["joblined.yaml", "line"]),
        ])
    func badSettings(settings: String, words: [String]) async throws {
        try await TestDirectory.with { directory in
            let outcome = try await Self.start(directory, settings: settings)
            Self.expectOneLine(outcome, status: 78)
            for word in words { #expect(outcome.error.contains(word), "\(outcome.error)") }
            #expect(directory.list("state").isEmpty)
            #expect(access(directory.appending("s"), F_OK) != 0)
        }
    }

    @Test("Errors name an unknown flag, an invalid environment variable, and a missing file")
    func flagsAndEnvironment() async throws {
        try await TestDirectory.with { directory in
            Self.expectOneLine(try await Self.start(directory, ["--frobnicate"]), status: 78, "--frobnicate")
            Self.expectOneLine(
                try await Self.start(directory, environment: ["JOBLINE_LIMITS_SHADOW": "perhaps"]), status: 78,
                "limits.shadow")
            Self.expectOneLine(
                try await Self.start(directory, ["--config", "/no/such.yaml"]), status: 78, "/no/such.yaml")
        }
    }

    /// Variables that Kubernetes sets in every container beside a service named jobline, and others with the prefix.
    @Test("Foreign variables with the daemon's prefix cause warnings, not errors")
    func foreignVariables() async throws {
        try await TestDirectory.with { directory in
            let variables = [
                "JOBLINE_SERVICE_HOST": "10.0.0.7", "JOBLINE_SERVICE_PORT": "80", "JOBLINE_SERVICE_PORT_HTTP": "80",
                "JOBLINE_PORT": "tcp://10.0.0.7:80", "JOBLINE_PORT_80_TCP": "tcp://10.0.0.7:80",
                "JOBLINE_PORT_80_TCP_PROTO": "tcp", "JOBLINE_PORT_80_TCP_PORT": "80",
                "JOBLINE_PORT_80_TCP_ADDR": "10.0.0.7", "JOBLINE_STATE_DIRECTROY": "/",
                // These keys exist only in the file.
                "JOBLINE_FAULTS_SLOW_METHODS": "*",
            ]
            let (_, end) = try await DaemonProcess.with(
                in: directory, settings: "faults: {slow: {methods: 'Personalize.*', throttle: true}}",
                environment: variables.merging(["JOBLINE_DRAIN_SECONDS": "7"]) { $1 }
            ) { daemon in
                // Neither the command line nor the SDK mistakes one of them for the socket.
                let ping = try await Command.run(
                    Project.program("joblinectl"), ["call", "rpc.ping"],
                    environment: variables.merging(["JOBLINE_SOCKET": daemon.socket]) { $1 })
                #expect(ping.status == .exited(0), "\(ping.error)")
            }
            #expect(end.status == .exited(0))
            let warnings = end.log.split(separator: "\n").filter { $0.contains(" warning ") && $0.contains("JOBLINE_") }
            #expect(warnings.count == 1, "\(end.log)")
            for name in variables.keys { #expect(warnings.first?.contains(name) == true, "\(name): \(end.log)") }
            #expect(!end.log.contains("10.0.0.7"))
            #expect(!end.log.contains("JOBLINE_DRAIN_SECONDS"))
        }
    }

    @Test("The log line at the start has version, socket and state directory")
    func serving() async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory) { _ in }
            let line = try #require(end.log.split(separator: "\n").first { $0.contains(" serving ") })
            let version = try await Command.run(Project.program("joblined"), ["--version"]).output
            let number = try #require(version.split(whereSeparator: \.isWhitespace).last)
            #expect(line.contains("version=\(number)"), "\(line)")
            #expect(line.contains("socket=\(directory.appending("jobline.sock"))"), "\(line)")
            #expect(line.contains("state-directory=\(directory.appending("state"))"), "\(line)")
        }
    }

    // MARK: The socket

    @Test("The socket has the configured mode and group", .enabled(if: geteuid() == 0))
    func socketModeAndGroup() async throws {
        try await TestDirectory.with { directory in
            // YAML reads the second one as the number 432; in the environment it is text.
            for (mode, expected) in [("\"0606\"", 0o606), ("0660", 0o660), ("622", 0o622)] as [(String, mode_t)] {
                try await DaemonProcess.with(
                    in: directory, settings: "socketMode: \(mode)\nsocketGroup: daemon",
                    launcher: ["sh", "-c", "umask 077; exec \"$@\"", "sh"]
                ) { daemon in
                    var found = stat()
                    #expect(stat(daemon.socket, &found) == 0)
                    #expect(found.st_mode & 0o777 == expected)
                    #expect(found.st_gid == getgrnam("daemon")?.pointee.gr_gid)
                }
            }
        }
    }

    @Test("A group that cannot be set is an error, and no socket is left", .enabled(if: geteuid() == 0))
    func foreignGroup() async throws {
        try await TestDirectory.with { directory in
            chmod(directory.path, 0o777)
            mkdir(directory.appending("own"), 0o777)
            chmod(directory.appending("own"), 0o777)
            let outcome = try await Command.run(
                "setpriv",
                [
                    "--reuid=nobody", "--regid=nogroup", "--clear-groups", Project.program("joblined"), "--socket",
                    directory.appending("own/s"), "--state-directory", directory.appending("own/state"),
                ], environment: ["JOBLINE_SOCKET_GROUP": "daemon"])
            Self.expectOneLine(outcome, status: 1, directory.appending("own/s"), "member")
            #expect(directory.list("own").isEmpty)
        }
    }

    @Test("Foreign locks on the socket's directory do not prevent the start")
    func foreignLock() async throws {
        try await TestDirectory.with { directory in
            let folder = open(directory.path, O_RDONLY | O_CLOEXEC)
            defer { close(folder) }
            #expect(flock(folder, LOCK_EX | LOCK_NB) == 0)
            let (_, end) = try await DaemonProcess.with(in: directory) { daemon in
                try await daemon.client { try await $0.ping() }
            }
            #expect(end.status == .exited(0))
        }
    }

    @Test("A socket that another daemon serves is refused and untouched")
    func socketInUse() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory) { daemon in
                let second = try await Command.run(
                    Project.program("joblined"),
                    ["--socket", daemon.socket, "--state-directory", directory.appending("other")])
                Self.expectOneLine(second, status: 1, daemon.socket, "in use")
                try await daemon.client { try await $0.ping() }
            }
        }
    }

    @Test("A state directory that another daemon uses is refused")
    func stateInUse() async throws {
        try await TestDirectory.with { directory in
            try await DaemonProcess.with(in: directory) { daemon in
                let second = try await Command.run(
                    Project.program("joblined"),
                    ["--socket", directory.appending("t"), "--state-directory", daemon.state])
                Self.expectOneLine(second, status: 1, daemon.state)
            }
        }
    }

    @Test("A file that is no socket is never removed")
    func notASocket() async throws {
        try await TestDirectory.with { directory in
            try directory.write("precious", to: "s")
            Self.expectOneLine(try await Self.start(directory), status: 1, directory.appending("s"))
            #expect(try directory.read("s") == "precious")
        }
    }

    @Test("The socket of a killed daemon is replaced")
    func staleSocket() async throws {
        try await TestDirectory.with { directory in
            let (_, end) = try await DaemonProcess.with(in: directory) { daemon in daemon.send(.kill) }
            #expect(end.status == .signaled(SIGKILL))
            #expect(access(directory.appending("jobline.sock"), F_OK) == 0)
            try await DaemonProcess.with(in: directory) { daemon in try await daemon.client { try await $0.ping() } }
            #expect(access(directory.appending("jobline.sock"), F_OK) != 0)
        }
    }

    @Test("Errors name a state directory that is a file, and a database that is invalid")
    func unusableState() async throws {
        try await TestDirectory.with { directory in
            try directory.write("", to: "file")
            let file = directory.appending("file")
            Self.expectOneLine(try await Self.start(directory, ["--state-directory", file]), status: 1, file)
            try directory.write(String(repeating: "no database ", count: 1000), to: "state/jobline.sqlite")
            Self.expectOneLine(try await Self.start(directory), status: 1, "state/jobline.sqlite")
            #expect(try directory.read("state/jobline.sqlite").hasPrefix("no database"))
        }
    }

    @Test("The daemon shows its version and its flags")
    func help() async throws {
        let version = try await Command.run(Project.program("joblined"), ["--version"])
        #expect(version.status == .exited(0))
        #expect(version.output.hasPrefix("joblined "))
        let help = try await Command.run(Project.program("joblined"), ["--help"])
        #expect(help.status == .exited(0))
        for flag in ["--socket", "--state-directory", "--config", "--log-level", "--version"] {
            #expect(help.output.contains(flag))
        }
    }
}
