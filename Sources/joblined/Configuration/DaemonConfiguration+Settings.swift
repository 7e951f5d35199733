internal import Glibc
internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import SystemPackage

// All keys, with their ranges.

extension DaemonConfiguration {
    /// Reads flags, environment and file, and validates every value.
    ///
    /// - Parameters:
    ///   - flags: Values of command-line flags, by key.
    ///   - environment: Environment of the process.
    ///   - path: Path of the configuration file; nil if there is none.
    /// - Throws: An error that names the first unknown key of the file, or the first invalid value.
    init(flags: [String: String], environment: [String: String], path: String?) async throws(DaemonError) {
        var file: SettingsFile?
        if let path { file = try SettingsFile(path: path) }
        var settings = SettingsReader(flags: flags, environment: environment, file: file)
        self.init()
        setsNothing = file?.keys.allSatisfy(\.isEmpty) ?? false
        try await read(&settings)
        try settings.rejectUnknownKeys()
        unknownVariables = settings.unknownVariables
        try check(searchPath: environment["PATH"] ?? "")
    }

    private mutating func read(_ settings: inout SettingsReader) async throws(DaemonError) {
        socket = try await settings.string("socket") ?? socket
        socketMode = try await Self.socketMode(&settings) ?? socketMode
        socketGroup = try await Self.socketGroup(&settings)
        httpAddresses = try await Self.httpAddresses(&settings)
        httpSocket = try await settings.string("http.socket")
        if let path = try await settings.string("stateDirectory") { embedded.stateDirectory = FilePath(path) }
        logLevel = try await settings.choice("logLevel", Logger.Level.self) ?? logLevel
        embedded.region = try await settings.string("region") ?? embedded.region
        embedded.accountID = try await settings.string("account") ?? embedded.accountID
        if let seconds = try await settings.integer("drainSeconds", in: 1...600) {
            server.drainTimeout = .seconds(seconds)
        }
        try await readConnections(&settings)
        try await readLimits(&settings)
        access = try await Self.accessRules(&settings)
        try await readServices(&settings)
        for family in JobFamily.allCases { embedded.executors[family] = try await Self.executor(family, &settings) }
        faults = try await Self.faults(&settings)
    }

    private mutating func readConnections(_ settings: inout SettingsReader) async throws(DaemonError) {
        // A length has at most seven digits.
        let bytes = 1024...9_999_999
        server.connections =
            try await settings.integer("connections.total", in: 1...ServerConfiguration.largestConnections)
            ?? server.connections
        // The default is valid for every total; a configured value must be validated.
        let share = ServerConfiguration.largestShare(of: server.connections)
        server.connectionsPerUser =
            try await settings.integer("connections.perUser", in: 1...ServerConfiguration.largestConnections)
            ?? min(server.connectionsPerUser, share)
        guard server.connectionsPerUser <= share else {
            throw SettingsReader.invalid(
                "connections.perUser",
                "expected at most \(share), three quarters of connections.total, found \(server.connectionsPerUser)")
        }
        server.inFlight = try await settings.integer("connections.inFlight", in: 1...65_536) ?? server.inFlight
        server.watchedJobs =
            try await settings.integer("connections.watchedJobs", in: 1...1_000_000) ?? server.watchedJobs
        server.inFlightBytes =
            try await settings.integer("connections.inFlightBytes", in: 64...1 << 30) ?? server.inFlightBytes
        server.userBytes =
            try await settings.integer("connections.userBytes", in: 1 << 16...1 << 40) ?? server.userBytes
        server.requestBytes = try await settings.integer("connections.requestBytes", in: bytes) ?? server.requestBytes
        server.replyBytes = try await settings.integer("connections.replyBytes", in: bytes) ?? server.replyBytes
        server.bareRequestBytes =
            try await settings.integer("connections.bareBytes", in: bytes) ?? server.bareRequestBytes
        let output = 1024...1 << 30
        server.softOutputBytes =
            try await settings.integer("connections.softOutputBytes", in: output) ?? server.softOutputBytes
        server.hardOutputBytes =
            try await settings.integer("connections.hardOutputBytes", in: output) ?? server.hardOutputBytes
        if let seconds = try await settings.integer("connections.slowReaderSeconds", in: 1...3600) {
            server.slowConsumerTimeout = .seconds(seconds)
        }
        if let seconds = try await settings.integer("connections.frameSeconds", in: 1...3600) {
            server.frameTimeout = .seconds(seconds)
        }
        if let seconds = try await settings.integer("connections.maximumTimeoutSeconds", in: 1...86_400) {
            server.maximumTimeout = .seconds(seconds)
        }
    }

    private mutating func readLimits(_ settings: inout SettingsReader) async throws(DaemonError) {
        limits.profile = try await settings.choice("limits.profile", LimitConfiguration.Profile.self) ?? limits.profile
        limits.shadow = try await settings.bool("limits.shadow") ?? limits.shadow
        limits.clientRead = try await Self.rate("limits.client.read", &settings)
        limits.clientWrite = try await Self.rate("limits.client.write", &settings)
        let limited = Method.allCases.map(\.descriptor).filter { $0.limitClass != .unlimited }
        for service in Set(limited.map { String($0.service) }).sorted() {
            limits.services[service] = try await Self.rate("limits.services.\(service)", &settings)
        }
        for method in limited {
            limits.methods[method.name] = try await Self.rate("limits.methods.\(method.name)", &settings)
        }
    }

    /// Reads a rate in requests per second and its burst, by default the requests of one second.
    private static func rate(
        _ key: String, _ settings: inout SettingsReader
    ) async throws(DaemonError) -> LimitConfiguration.Rate? {
        let perSecond = try await settings.number("\(key).rate", in: 0.001...1_000_000)
        let burst = try await settings.number("\(key).burst", in: 1...1_000_000)
        guard let perSecond else {
            if burst != nil { throw SettingsReader.invalid(key, "a burst needs a rate") }
            return nil
        }
        return LimitConfiguration.Rate(perSecond: perSecond, burst: burst ?? max(1, perSecond.rounded(.up)))
    }

    /// Reads limits of the real services, and values that they do not publish.
    private mutating func readServices(_ settings: inout SettingsReader) async throws(DaemonError) {
        if let seconds = try await settings.integer("comprehendMedical.retentionSeconds", in: 1...315_360_000) {
            embedded.retention = .seconds(seconds)
        }
        embedded.comprehendMedicalFileBytes =
            try await settings.integer("comprehendMedical.fileBytes", in: 1...1_073_741_824)
            ?? embedded.comprehendMedicalFileBytes
        embedded.personalizeOpenJobs =
            try await settings.integer("personalize.openJobs", in: 1...1000) ?? embedded.personalizeOpenJobs
        let workflows = 1...100_000
        embedded.matchingWorkflows =
            try await settings.integer("entityResolution.matchingWorkflows", in: workflows)
            ?? embedded.matchingWorkflows
        embedded.idMappingWorkflows =
            try await settings.integer("entityResolution.idMappingWorkflows", in: workflows)
            ?? embedded.idMappingWorkflows
        embedded.refusesBusyWorkflows =
            try await settings.bool("entityResolution.oneJobPerWorkflow") ?? embedded.refusesBusyWorkflows
    }

    private static func executor(
        _ family: JobFamily, _ settings: inout SettingsReader
    ) async throws(DaemonError) -> ExecutorConfiguration? {
        let key = "executors.\(family.configurationKey)"
        let command = try await settings.strings("\(key).command")
        var executor = ExecutorConfiguration(command: command ?? [])
        let concurrency = try await settings.integer("\(key).concurrency", in: 1...64)
        let timeout = try await settings.integer("\(key).timeoutSeconds", in: 1...86_400)
        let environment = try await settings.strings("\(key).environment")
        let onRestart = try await settings.choice("\(key).onRestart", ExecutorConfiguration.RestartPolicy.self)
        // Jobs of other services have no model version.
        let version = family.service == .comprehendMedical ? try await settings.string("\(key).modelVersion") : nil
        guard command != nil else {
            if concurrency != nil || timeout != nil || environment != nil || onRestart != nil || version != nil {
                throw SettingsReader.invalid("\(key).command", "is required if the family has other keys")
            }
            return nil
        }
        executor.concurrency = concurrency ?? executor.concurrency
        if let timeout { executor.timeout = .seconds(timeout) }
        executor.environment = environment ?? executor.environment
        executor.onRestart = onRestart ?? executor.onRestart
        let length = ExecutorConfiguration.modelVersionLength
        if let version, !length.contains(version.unicodeScalars.count) {
            throw SettingsReader.invalid(
                "\(key).modelVersion", "expected \(length.lowerBound) to \(length.upperBound) characters")
        }
        executor.modelVersion = version
        return executor
    }

    // MARK: - What a value has to be beyond its type

    private func check(searchPath: String) throws(DaemonError) {
        guard embedded.accountID.utf8.count == 12, embedded.accountID.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            throw SettingsReader.invalid("account", "expected 12 digits in quotes")
        }
        // The region is part of generated ARNs.
        guard (try? Self.regionPattern.wholeMatch(in: embedded.region)) != nil else {
            throw SettingsReader.invalid("region", "expected a name such as us-east-1, found \"\(embedded.region)\"")
        }
        for (family, executor) in embedded.executors {
            let key = "executors.\(family.configurationKey).command"
            guard let program = executor.command.first, !program.isEmpty else {
                throw SettingsReader.invalid(key, "expected a program and its arguments, found an empty list")
            }
            try Self.check(program: program, key, searchPath: searchPath)
        }
        do throws(LimitConfigurationError) { _ = try limits.resolve() } catch {
            throw DaemonError(.configuration, "limits: \(error.message)")
        }
        do throws(ServerError) { try server.validate() } catch {
            throw DaemonError(.configuration, "connections: \(error.message)")
        }
        do throws(ServerError) { _ = try FaultInjector(faults) } catch {
            throw DaemonError(.configuration, error.message)
        }
    }

    private static var regionPattern: Regex<Substring> { /[a-z]{2}-[a-z]{1,10}-[0-9]/ }

    /// Checks that the program is executable: otherwise every job would fail.
    private static func check(program: String, _ key: String, searchPath: String) throws(DaemonError) {
        if program.hasPrefix("/") {
            guard Glibc.access(program, X_OK) == 0 else {
                throw SettingsReader.invalid(key, "\(program) is not an executable program")
            }
        } else if program.contains("/") {
            throw SettingsReader.invalid(key, "\(program) is relative; give an absolute path or a name found in PATH")
        } else {
            let found = searchPath.split(separator: ":").contains { Glibc.access("\($0)/\(program)", X_OK) == 0 }
            guard found else { throw SettingsReader.invalid(key, "\(program) is not found in PATH") }
        }
    }
}
