internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import ServiceLifecycle

/// Composition root: creates the parts of the daemon and connects them.
struct Daemon {
    /// Configuration at the start; reloads do not affect it.
    private let configuration: DaemonConfiguration
    private let source: ConfigurationSource
    private let manager: ServiceManager
    private let descriptors: DescriptorLimit?
    private let log: DaemonLog

    init(
        configuration: DaemonConfiguration, source: ConfigurationSource, manager: ServiceManager,
        descriptors: DescriptorLimit?, log: DaemonLog
    ) {
        self.configuration = configuration
        self.source = source
        self.manager = manager
        self.descriptors = descriptors
        self.log = log
    }

    /// Time to shut down after the drain of the server: executors get 5 s between SIGTERM and SIGKILL, the disk gets the rest.
    private static let shutdownMargin = Duration.seconds(10)

    /// Serves until SIGTERM or SIGINT, then drains.
    ///
    /// - Parameter signals: Signals that end the daemon or reload its configuration.
    /// - Throws: If the socket or the state directory cannot be used.
    func run(_ signals: ProcessSignals) async throws {
        log.threshold.level = configuration.logLevel
        let logger = log.logger("joblined")
        let current = CurrentConfiguration(configuration)
        let limits = try configuration.limits.resolve()
        let faults = try FaultInjector(configuration.faults)
        warnOfUnknownVariables(logger)
        warnOfConnections(configuration, logger)
        signals.beginSetUp()
        let listener = try listen(logger)
        let socket = listener.address ?? "none"
        let http = try listenForHTTP(logger)
        let daemonBackends: DaemonBackends
        do {
            daemonBackends = try DaemonBackends(
                configuration, executorDescriptors: descriptors?.inherited, logger: logger)
        } catch {
            // Nobody has been served on the new socket yet.
            listener.close()
            throw error
        }
        // An open database would make the next start replay its log.
        defer { daemonBackends.close() }
        let backends = daemonBackends.merged
        let information = SidecarInformation(backends: backends, configuration: current, faults: faults)
        let health = Health(of: backends)
        let watches = JobWatches(of: backends.jobs)
        let state = configuration.stateDirectory
        let supervision = Supervision(manager: manager, faults: configuration.faults, logger: logger)
        let (serving, began) = AsyncStream<Never>.makeStream()
        let server = try Server(
            configuration: server(configuration, backends), listener: listener, http: http, limits: limits,
            access: configuration.access, cache: ResponseCache(backends, bytes: Self.cacheBytes), faults: faults,
            logger: logger,
            whenServing: {
                supervision.serving(on: socket, state: state)
                began.finish()
                Task { try await ProgramPages.giveBackAfterStart() }
            }
        ) { rpc, server in
            Services(
                comprehendMedical: backends.comprehendMedical, entityResolution: backends.entityResolution,
                personalize: backends.personalize, rpc: rpc,
                sidecar: SidecarAnswers(
                    information: information, health: health, backends: backends, watches: watches, server: server))
        }
        supervision.watch {
            try await server.ping()
            _ = try await backends.familyStatus()
            return server.status
        }
        let reloader = Reloader(
            source: source, requests: signals.reloads, serving: serving, current: current, supervision: supervision,
            logger: logger
        ) { configuration in
            warnOfConnections(configuration, logger)
            try server.reconfigure(
                self.server(configuration, backends), limits: configuration.limits.resolve(),
                access: configuration.access)
            daemonBackends.reconfigure(configuration)
            log.threshold.level = configuration.logLevel
        }
        // Shut down in reverse order: the service manager is notified, the server drains, and backends answer until then.
        var group = ServiceGroupConfiguration(
            services: (daemonBackends.services + [reloader, server, supervision]).map { .init(service: $0) },
            logger: logger)
        group.maximumGracefulShutdownDuration = configuration.server.drainTimeout + Self.shutdownMargin
        let services = ServiceGroup(configuration: group)
        let ending = Task {
            for await _ in signals.running {}
            await services.triggerGracefulShutdown()
        }
        defer { ending.cancel() }
        // A job that begins now would be ended at once.
        guard !signals.isEnding else { return listener.close() }
        try await services.run()
    }

    /// Logs a warning if the descriptor limit allows fewer connections than are configured.
    private func warnOfConnections(_ configuration: DaemonConfiguration, _ logger: Logger) {
        let server = configuration.server(within: descriptors)
        guard let descriptors, server.connections > server.carriedConnections else { return }
        logger.warning(
            "connections.total is more than RLIMIT_NOFILE carries; raise the hard limit (LimitNOFILE=, ulimit -Hn), or lower the key",
            metadata: [
                "total": "\(server.connections)", "limit": "\(descriptors.current)",
                "carried": "\(server.carriedConnections)",
            ])
    }

    private func warnOfUnknownVariables(_ logger: Logger) {
        let names = configuration.unknownVariables
        guard !names.isEmpty else { return }
        logger.warning(
            "ignored environment variables that are not settings",
            metadata: ["names": "\(names.joined(separator: ", "))"])
    }

    /// Capacity of the response cache in bytes: one half holds the results of about 10,000 jobs.
    private static let cacheBytes = 20 << 20

    private func server(_ configuration: DaemonConfiguration, _ backends: Backends) -> ServerConfiguration {
        var server = configuration.server(within: descriptors)
        server.version = ProductVersion.current
        server.features = [Feature.watch]
        server.backends = backends.names
        server.backendLimits = backends.concurrencyLimits
        server.routes = backends.routes
        return server
    }

    /// Returns the listening sockets of the AWS endpoint.
    private func listenForHTTP(_ logger: Logger) throws(DaemonError) -> [HTTPListener] {
        var listeners = configuration.httpAddresses.map(HTTPListener.address)
        if let path = configuration.httpSocket {
            do throws(ListenerError) {
                listeners.append(
                    .unix(
                        try UnixListener.bind(
                            path: path, mode: configuration.socketMode, group: configuration.socketGroup,
                            backlog: configuration.server.backlog)))
            } catch {
                throw DaemonError(.listening, "http.socket: \(error)")
            }
        }
        for address in configuration.httpAddresses {
            logger.notice("serving the AWS endpoint", metadata: ["address": "\(address)"])
        }
        return listeners
    }

    private func listen(_ logger: Logger) throws(DaemonError) -> UnixListener {
        let (socket, closed) = try manager.chooseSocket()
        for name in closed {
            logger.warning(
                "a descriptor that was handed over was closed: it is not the one named \(ServiceManager.socketName)",
                metadata: ["name": "\(name)"])
        }
        do throws(ListenerError) {
            if let socket {
                if configuration.socketMode != UnixListener.defaultMode || configuration.socketGroup != nil {
                    logger.warning(
                        "socketMode and socketGroup have no effect: the socket was handed over, see its unit")
                }
                return try UnixListener.inherited(socket)
            }
            return try UnixListener.bind(
                path: configuration.socket, mode: configuration.socketMode,
                group: configuration.socketGroup, backlog: configuration.server.backlog)
        } catch {
            throw DaemonError(.listening, "\(error)")
        }
    }
}
